DROP TABLE logout_tokens;
DROP TABLE sessions;
DROP TABLE sign_ins;
