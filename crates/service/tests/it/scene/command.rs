//! A row of the authorisation matrix: a command by its method's name, which runs exactly that method.

use super::Scene;
use crate::world::World;
use crate::world::people::Told;
use std::future::Future;
use std::pin::Pin;

/// One use case as somebody would have it.
pub struct Command<Caller: 'static> {
    /// What it is in the tables.
    pub name: &'static str,
    /// What it runs: `service.comment`.
    pub method: &'static str,
    /// Runs it, and says what it answered.
    pub run: Run<Caller>,
}

type Run<Caller> = for<'a> fn(&'a Scene, &'a World, &'a Caller) -> Pin<Box<dyn Future<Output = String> + 'a>>;

/// Rows whose method is called by the row itself, so that no row can name another method than it runs. After a comma:
/// what is told of a success, where that is more than `done`.
macro_rules! commands {
    (
        |$scene:ident, $world:ident, $service:ident, $decider:ident, $caller:ident: $kind:ty|
        $($name:literal => $on:ident.$method:ident($($argument:expr),* $(,)?)$(.$wait:tt)? $(, $shows:expr)?;)*
    ) => {
        pub const COMMANDS: &[$crate::scene::command::Command<$kind>] = &[$($crate::scene::command::Command {
            name: $name,
            method: concat!(stringify!($on), ".", stringify!($method)),
            run: |$scene, $world, $caller| Box::pin(async move {
                let ($service, $decider) = (&$world.service, &$world.decider);
                let _ = ($scene, $service, $decider, $caller);
                let told = $on.$method($($argument),*)$(.$wait)?;
                $crate::scene::command::commands!(@told told $(, $shows)?)
            }),
        }),*];
    };
    (@told $told:ident) => { $crate::world::outcome(&$told) };
    (@told $told:ident, $shows:expr) => { $crate::scene::command::showing(&$told, $shows) };
}
pub(crate) use commands;

/// What a use case answered, with what it showed.
pub fn showing<T, E: Told>(told: &Result<T, E>, shows: impl FnOnce(&T) -> String) -> String {
    match told {
        Ok(shown) => shows(shown),
        Err(error) => error.told(),
    }
}

/// How many there are.
pub fn count(many: usize) -> String {
    format!("done, {many}")
}

/// Whether there is something.
pub fn found<T>(it: &Option<T>) -> String {
    let found = if it.is_some() { "done" } else { "nothing there" };
    found.to_owned()
}
