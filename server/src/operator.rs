//! What an operator does from the command line to the database itself: no node has to run.
//!
//! Each function takes the use cases and adds to a [`Report`]; `run` opens the database and prints it, even where an error
//! came in between: a token that was made is shown this once.

pub mod bootstrap;
pub mod clients;
pub mod sessions;

use serde_json::{Map, Value};

/// What was done, for people and for programs.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Report {
    /// One sentence or fact a line.
    pub lines: Vec<String>,
    /// The same as JSON.
    pub json: Map<String, Value>,
}

impl Report {
    fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.json.insert(name.to_owned(), value.into());
    }

    /// As it is printed.
    pub fn print(&self, json: bool) -> String {
        if json {
            format!("{:#}", Value::Object(self.json.clone()))
        } else {
            self.lines.join("\n")
        }
    }
}
