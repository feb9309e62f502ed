//! The outbox through simulated days: servers that refuse, hang and lie, storms, and ruled killed at any moment.

#[path = "outbox/endings.rs"]
mod endings;
#[path = "outbox/faults.rs"]
mod faults;
#[path = "outbox/limits.rs"]
mod limits;
#[path = "outbox/office.rs"]
mod office;
#[path = "outbox/storms.rs"]
mod storms;
#[path = "outbox/texts.rs"]
mod texts;
