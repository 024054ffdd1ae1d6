//! **The rule: what may be done about a lost answer is a property of the operation, stated once, beside it.**

/// What an operation allows to be done when its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Moves no money and changes nothing: tried again, on any host.
    Read,
    /// Sells, and the service refuses a reference that it has seen: enquired about, and sent again by rule Q.
    DedupEnquirable,
    /// Sells, and nothing says that the service refuses a reference that it has seen: enquired about, and never sent again.
    EnquirableOnly,
    /// Moves money or registers somebody, and no enquiry finds it by our reference: one attempt; a lost answer is for a person to settle.
    Blind,
    /// Changes something other than money, under a reference of its own (prevend): a lost answer costs that reference, and nothing else.
    Prevend,
    /// Acts on a sale or on tokens; done only when asked for, and never sent again by itself.
    Control,
}

impl Class {
    /// In one word, for tables and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::DedupEnquirable => "dedup_enquirable",
            Self::EnquirableOnly => "enquirable_only",
            Self::Blind => "blind",
            Self::Prevend => "prevend",
            Self::Control => "control",
        }
    }
}
