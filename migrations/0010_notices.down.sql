DROP TABLE deliveries;
DROP TABLE notice_endpoints;
DROP TABLE mail_addresses;
DROP TABLE notice_preferences;
DROP TABLE notices_told;
DROP TABLE notices;
