DROP TABLE client_former_tokens;
ALTER TABLE clients DROP COLUMN token_made_at, DROP COLUMN last_used_at;
