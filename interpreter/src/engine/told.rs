//! What orders tell. It is on its way to people before anything else of the same call is carried out.
//!
//! **Invariant:** whatever is kept of a service says that all is told which the same call tells, also what stands behind the
//! program of a rule. So whoever carries orders out hands over what they tell first, and mail about it is written with what is
//! kept. An end between the two leaves it untold and unknown, and it is told again.

use super::{Event, Order};

/// Something that people are told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Telling<'a> {
    /// Something happened.
    Told(&'a Event),
    /// Something goes on, for so many cycles by now.
    GoesOn(&'a Event, u64),
}

/// What these orders tell, in their order.
pub fn tellings(orders: &[Order]) -> impl Iterator<Item = Telling<'_>> {
    orders.iter().filter_map(|order| match order {
        Order::Tell(event) => Some(Telling::Told(event)),
        Order::Remind(event, cycles) => Some(Telling::GoesOn(event, *cycles)),
        Order::Observe(..) | Order::Act(..) | Order::Keep(..) | Order::Answer(..) => None,
    })
}
