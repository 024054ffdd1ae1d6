//! Chores of this workspace that cargo does not do already, as a library, so that they can be tested.

pub mod refresh;
