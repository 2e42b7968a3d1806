ALTER TABLE sessions DROP COLUMN kept;
DROP TABLE post_reviews;
DROP FUNCTION count_break_glass();
DROP TABLE break_glass_spells;
