mod connections;
mod demo;
mod headers;
mod problems;
mod rate_limit;
