DROP TABLE next_directories;
