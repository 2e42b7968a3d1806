DROP TRIGGER grants_terminal_state_stays ON grants;
DROP TRIGGER opt_outs_terminal_state_stays ON opt_outs;
DROP TRIGGER access_requests_terminal_state_stays ON access_requests;
DROP FUNCTION terminal_state_stays();
ALTER TABLE access_requests DROP CONSTRAINT access_requests_one_per_denial;
