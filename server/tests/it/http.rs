mod connections;
mod demo;
mod headers;
mod health;
mod problems;
mod rate_limit;
