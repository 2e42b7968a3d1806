DROP TABLE enforcements;
