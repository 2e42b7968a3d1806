//! The ledger's sequencer and its verification.
