//! How many file descriptors there are, and how many of them connections may take.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for the database's connections, the ledger's note, the site's files, outgoing calls, and what the runtime needs.
const RESERVE: u64 = 256;
/// More connections than this are of no use to one node.
const MOST: u64 = 16_384;

/// Raises the soft limit to the hard one: many systems start programs with 1,024.
pub fn raise() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the limit of open files stays as it is"
        );
    }
}

/// How many connections the limit of open files leaves room for.
pub(super) fn room() -> usize {
    room_within(getrlimit(Resource::Nofile).current)
}

fn room_within(files: Option<u64>) -> usize {
    // Of very few, half: a node that takes nobody is of no use either.
    let room = files.map_or(MOST, |files| files.saturating_sub(RESERVE.min(files / 2)));
    usize::try_from(room.clamp(1, MOST)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_kept_for_the_database_and_the_ledger() {
        for (files, room) in [
            (None, 16_384),
            (Some(1_048_576), 16_384),
            (Some(4_096), 3_840),
            (Some(1_024), 768),
            (Some(64), 32),
            (Some(0), 1),
        ] {
            assert_eq!(room_within(files), room, "{files:?}");
        }
    }
}
