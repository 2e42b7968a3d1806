//! Large messages of one client are read and decided a few at a time: reading one takes as long as dozens of decisions, and
//! all that one client sends would be in front of what others ask.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::id::ClientId;
use http::{HeaderMap, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A message of more bytes, or of unknown length, waits for its turn. A single question has a few hundred bytes.
const LARGE_BYTES: u64 = 8 * 1_024;
/// How many of one client have their turn at once.
const AT_ONCE: usize = 2;

/// The turns of all clients.
#[derive(Debug, Clone, Default)]
pub(super) struct LargeMessages(Arc<Mutex<HashMap<ClientId, Arc<Semaphore>>>>);

/// Held while a message is read and decided.
#[derive(Debug)]
pub(super) struct Turn {
    _held: Option<OwnedSemaphorePermit>,
}

impl LargeMessages {
    /// Waits for the turn of a message of this client with these headers; one that is not large has it at once.
    pub(super) async fn turn(&self, client: ClientId, headers: &HeaderMap) -> Turn {
        let length = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length <= LARGE_BYTES) {
            return Turn { _held: None };
        }
        let of_client = {
            let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let turns = clients
                .entry(client)
                .or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
            Arc::clone(turns)
        };
        Turn {
            // It is never closed.
            _held: of_client.acquire_owned().await.ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use uuid::Uuid;

    async fn is_at_once(messages: &LargeMessages, client: u128, length: Option<u64>) -> Option<Turn> {
        let mut headers = HeaderMap::new();
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        let client = ClientId::from_uuid(Uuid::from_u128(client));
        tokio::select! {
            biased;
            turn = messages.turn(client, &headers) => Some(turn),
            () = std::future::ready(()) => None,
        }
    }

    #[tokio::test]
    async fn large_messages_wait_for_those_of_the_same_client_alone() {
        let messages = LargeMessages::default();
        let held = [
            is_at_once(&messages, 1, Some(64 * 1_024)).await,
            is_at_once(&messages, 1, None).await,
        ];
        assert!(held.iter().all(Option::is_some));
        assert!(is_at_once(&messages, 1, Some(64 * 1_024)).await.is_none());
        assert!(is_at_once(&messages, 1, None).await.is_none());
        assert!(is_at_once(&messages, 1, Some(300)).await.is_some());
        assert!(is_at_once(&messages, 2, Some(64 * 1_024)).await.is_some());
        drop(held);
        assert!(is_at_once(&messages, 1, None).await.is_some());
    }
}
