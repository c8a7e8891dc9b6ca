//! The states of an order's item and the ways between them, as one table
//! (StepPay V1 reference, section 8.5).

use serde::{Deserialize, Serialize};

use super::{
    Problem,
    line::{Line, LineType},
};

macro_rules! states {
    ($($(#[doc = $doc:literal])+ $name:ident $word:literal;)+) => {
        /// Where an item of an order stands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ItemState { $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+ }

        impl ItemState {
            /// All, with their words.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $word),)+];
        }
    };
}

states! {
    /// Nobody has paid.
    Created "created";
    /// A deposit is awaited.
    DepositWaiting "deposit_waiting";
    /// Given up before it was paid.
    Cancelled "cancelled";
    /// Paid.
    Paid "paid";
    /// The payer asks for the money back.
    CancellationRequest "cancellation_request";
    /// The payer asks no more.
    CancellationRequestCancelled "cancellation_request_cancelled";
    /// The merchant said no.
    CancellationRequestDenied "cancellation_request_denied";
    /// The money is on its way back.
    CancellationRefunding "cancellation_refunding";
    /// All of it went back.
    CancellationRefunded "cancellation_refunded";
    /// A part of it went back.
    CancellationRefundedPartially "cancellation_refunded_partially";
    /// To be sent.
    OrderDeliveryPreparing "order_delivery_preparing";
    /// Sending is put off.
    OrderDeliverySuspended "order_delivery_suspended";
    /// Sent.
    OrderDeliveryOnTheWay "order_delivery_on_the_way";
    /// Received.
    OrderDeliveryCompleted "order_delivery_completed";
    /// The payer wants another piece.
    ExchangeRequest "exchange_request";
    /// The payer wants it no more.
    ExchangeRequestCancelled "exchange_request_cancelled";
    /// The merchant said no.
    ExchangeRequestRejected "exchange_request_rejected";
    /// The exchange is put off.
    ExchangePending "exchange_pending";
    /// The old piece is to be fetched.
    ExchangeCollectionPreparing "exchange_collection_preparing";
    /// The old piece comes back.
    ExchangeCollectionOnTheWay "exchange_collection_on_the_way";
    /// The old piece is back.
    ExchangeCollectionCompleted "exchange_collection_completed";
    /// The new piece is to be sent.
    ExchangeDeliveryPreparing "exchange_delivery_preparing";
    /// The new piece is sent.
    ExchangeDeliveryOnTheWay "exchange_delivery_on_the_way";
    /// The new piece is received.
    ExchangeDeliveryCompleted "exchange_delivery_completed";
    /// Refused after the old piece was back.
    ExchangeRejected "exchange_rejected";
    /// The old piece is to be sent again.
    ExchangeRejectDeliveryPreparing "exchange_reject_delivery_preparing";
    /// The old piece is sent again.
    ExchangeRejectDeliveryOnTheWay "exchange_reject_delivery_on_the_way";
    /// The old piece is received again.
    ExchangeRejectDeliveryCompleted "exchange_reject_delivery_completed";
    /// The payer wants to send it back.
    ReturnRequest "return_request";
    /// The payer wants it no more.
    ReturnRequestCancelled "return_request_cancelled";
    /// The merchant said no.
    ReturnRequestRejected "return_request_rejected";
    /// The return is put off.
    ReturnPending "return_pending";
    /// To be fetched.
    ReturnCollectionPreparing "return_collection_preparing";
    /// It comes back.
    ReturnCollectionOnTheWay "return_collection_on_the_way";
    /// It is back.
    ReturnCollectionCompleted "return_collection_completed";
    /// Refused after it was back.
    ReturnRejected "return_rejected";
    /// To be sent again.
    ReturnRejectDeliveryPreparing "return_reject_delivery_preparing";
    /// Sent again.
    ReturnRejectDeliveryOnTheWay "return_reject_delivery_on_the_way";
    /// Received again.
    ReturnRejectDeliveryCompleted "return_reject_delivery_completed";
    /// The money of a return is on its way back.
    ReturnRefunding "return_refunding";
    /// All of it went back.
    ReturnRefunded "return_refunded";
    /// A part of it went back.
    ReturnRefundedPartially "return_refunded_partially";
    /// The charge failed.
    PaymentFailure "payment_failure";
    /// Over; an exchange may still be asked for.
    FinishedExchangeAvailable "finished_exchange_available";
    /// Over; a return may still be asked for.
    FinishedReturnAvailable "finished_return_available";
    /// Over.
    FinishedSuccessfully "finished_successfully";
}

/// Who moves an item from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whoever pays.
    Payer,
    /// Whoever sells.
    Manager,
    /// Either.
    Both,
    /// The engine, because of what happened.
    System,
}

use ItemState as S;

/// Every way between two states.
pub const TRANSITIONS: &[(ItemState, ItemState, By)] = &[
    (S::Created, S::Paid, By::Payer),
    (S::Created, S::DepositWaiting, By::Payer),
    (S::DepositWaiting, S::Paid, By::Payer),
    (S::Created, S::Cancelled, By::Manager),
    (S::DepositWaiting, S::Cancelled, By::Both),
    (S::Created, S::PaymentFailure, By::System),
    (S::DepositWaiting, S::PaymentFailure, By::System),
    (S::PaymentFailure, S::Paid, By::Payer),
    (S::PaymentFailure, S::Cancelled, By::Manager),
    (S::Paid, S::OrderDeliveryPreparing, By::Manager),
    (S::Paid, S::CancellationRequest, By::Payer),
    (S::Paid, S::CancellationRefunding, By::Manager),
    (S::CancellationRequest, S::CancellationRequestCancelled, By::Payer),
    (S::CancellationRequest, S::CancellationRequestDenied, By::Manager),
    (S::CancellationRequest, S::CancellationRefunding, By::Manager),
    (S::CancellationRequestCancelled, S::CancellationRequest, By::Payer),
    (S::CancellationRequestCancelled, S::OrderDeliveryPreparing, By::Manager),
    (S::CancellationRequestCancelled, S::CancellationRefunding, By::Manager),
    (S::CancellationRequestDenied, S::OrderDeliveryPreparing, By::Manager),
    (S::CancellationRequestDenied, S::CancellationRefunding, By::Manager),
    (S::OrderDeliveryPreparing, S::CancellationRefunding, By::Manager),
    (S::CancellationRefunding, S::CancellationRefunded, By::System),
    (S::CancellationRefunding, S::CancellationRefundedPartially, By::System),
    (S::CancellationRefundedPartially, S::CancellationRefunding, By::Manager),
    (S::OrderDeliveryPreparing, S::OrderDeliverySuspended, By::Manager),
    (S::OrderDeliverySuspended, S::OrderDeliveryPreparing, By::Manager),
    (S::OrderDeliverySuspended, S::CancellationRefunding, By::Manager),
    (S::OrderDeliveryPreparing, S::OrderDeliveryOnTheWay, By::Manager),
    (S::OrderDeliveryOnTheWay, S::OrderDeliveryCompleted, By::Both),
    (S::OrderDeliveryPreparing, S::OrderDeliveryCompleted, By::Payer),
    (S::OrderDeliveryCompleted, S::ReturnRequest, By::Payer),
    (S::OrderDeliveryCompleted, S::ExchangeRequest, By::Payer),
    (S::OrderDeliveryCompleted, S::FinishedSuccessfully, By::System),
    (S::OrderDeliveryCompleted, S::FinishedExchangeAvailable, By::System),
    (S::OrderDeliveryCompleted, S::FinishedReturnAvailable, By::System),
    (S::FinishedExchangeAvailable, S::ExchangeRequest, By::Payer),
    (S::FinishedReturnAvailable, S::ReturnRequest, By::Payer),
    (S::ReturnRequest, S::ReturnRequestCancelled, By::Payer),
    (S::ReturnRequest, S::ReturnPending, By::Manager),
    (S::ReturnPending, S::ReturnCollectionPreparing, By::Manager),
    (S::ReturnRequest, S::ReturnCollectionPreparing, By::Manager),
    (S::ReturnCollectionPreparing, S::ReturnCollectionOnTheWay, By::Manager),
    (S::ReturnCollectionOnTheWay, S::ReturnCollectionCompleted, By::Manager),
    (S::ReturnCollectionPreparing, S::ReturnRequestRejected, By::Manager),
    (S::ReturnCollectionOnTheWay, S::ReturnRequestRejected, By::Manager),
    (S::ReturnCollectionCompleted, S::ReturnRejected, By::Manager),
    (S::ReturnRejected, S::ReturnRejectDeliveryPreparing, By::Manager),
    (
        S::ReturnRejectDeliveryPreparing,
        S::ReturnRejectDeliveryOnTheWay,
        By::Manager,
    ),
    (
        S::ReturnRejectDeliveryOnTheWay,
        S::ReturnRejectDeliveryCompleted,
        By::Manager,
    ),
    (S::ReturnCollectionCompleted, S::ReturnRefunding, By::Manager),
    (S::ReturnRefunding, S::ReturnRefunded, By::System),
    (S::ReturnRefunding, S::ReturnRefundedPartially, By::System),
    (S::ReturnRefundedPartially, S::ReturnRefunding, By::Manager),
    (S::ExchangeRequest, S::ExchangeRequestCancelled, By::Payer),
    (S::ExchangeRequest, S::ExchangeRequestRejected, By::Manager),
    (S::ExchangeRequest, S::ExchangePending, By::Manager),
    (S::ExchangePending, S::ExchangeCollectionPreparing, By::Manager),
    (S::ExchangeRequest, S::ExchangeCollectionPreparing, By::Manager),
    (
        S::ExchangeCollectionPreparing,
        S::ExchangeCollectionOnTheWay,
        By::Manager,
    ),
    (
        S::ExchangeCollectionOnTheWay,
        S::ExchangeCollectionCompleted,
        By::Manager,
    ),
    (S::ExchangeCollectionPreparing, S::ExchangeRequestRejected, By::Manager),
    (S::ExchangeCollectionOnTheWay, S::ExchangeRequestRejected, By::Manager),
    (
        S::ExchangeCollectionCompleted,
        S::ExchangeDeliveryPreparing,
        By::Manager,
    ),
    (S::ExchangeDeliveryPreparing, S::ExchangeDeliveryOnTheWay, By::Manager),
    (S::ExchangeDeliveryOnTheWay, S::ExchangeDeliveryCompleted, By::Manager),
    (S::ExchangeCollectionCompleted, S::ExchangeRejected, By::Manager),
    (S::ExchangeRejected, S::ExchangeRejectDeliveryPreparing, By::Manager),
    (
        S::ExchangeRejectDeliveryPreparing,
        S::ExchangeRejectDeliveryOnTheWay,
        By::Manager,
    ),
    (
        S::ExchangeRejectDeliveryOnTheWay,
        S::ExchangeRejectDeliveryCompleted,
        By::Manager,
    ),
];

impl ItemState {
    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The states that may follow, and who may bring them about.
    pub fn next(self) -> impl Iterator<Item = (Self, By)> {
        TRANSITIONS
            .iter()
            .filter(move |(from, ..)| *from == self)
            .map(|(_, to, by)| (*to, *by))
    }

    /// The state that follows, if it may.
    ///
    /// # Errors
    ///
    /// A problem at `state` that names the states that may follow.
    pub fn to(self, next: Self) -> Result<Self, Problem> {
        if self.next().any(|(known, _)| known == next) {
            return Ok(next);
        }
        let known: Vec<&str> = self.next().map(|(state, _)| state.name()).collect();
        let follows = if known.is_empty() {
            "nothing".to_owned()
        } else {
            known.join(", ")
        };
        Err(Problem::at(
            "state",
            format!(
                "cannot become {} after {}: what may follow is {follows}",
                next.name(),
                self.name()
            ),
        ))
    }
}

/// What an item of an order is, in StepPay's terms (reference, section 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemType {
    /// The product.
    Sku,
    /// A tax.
    Tax,
    /// A fee.
    Fee,
    /// Delivery.
    Shipping,
    /// Something off.
    Discount,
    /// Settles what was paid: prorations, credits, bounds of usage.
    Adds,
}

impl ItemType {
    /// That of a line.
    pub fn of(line: &Line) -> Self {
        match line.kind {
            LineType::Price | LineType::Usage => Self::Sku,
            LineType::Tax => Self::Tax,
            LineType::SetupFee => Self::Fee,
            LineType::Shipping => Self::Shipping,
            LineType::Discount => Self::Discount,
            LineType::ProrationCredit | LineType::ProrationCharge | LineType::Credit | LineType::Adjustment => {
                Self::Adds
            }
        }
    }

    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Tax => "tax",
            Self::Fee => "fee",
            Self::Shipping => "shipping",
            Self::Discount => "discount",
            Self::Adds => "adds",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_words_stand_in_the_order_of_the_states() {
        assert_eq!(ItemState::ALL.len(), 46);
        for (state, word) in ItemState::ALL {
            assert_eq!(state.name(), *word);
        }
    }

    #[test]
    fn no_way_is_there_twice_and_every_state_can_be_reached() {
        let ways: BTreeSet<_> = TRANSITIONS
            .iter()
            .map(|(from, to, _)| (*from as usize, *to as usize))
            .collect();
        assert_eq!(ways.len(), TRANSITIONS.len());
        let mut reached = BTreeSet::from([ItemState::Created as usize]);
        while let Some((_, to)) = ways
            .iter()
            .find(|(from, to)| reached.contains(from) && !reached.contains(to))
        {
            reached.insert(*to);
        }
        assert_eq!(reached.len(), ItemState::ALL.len());
    }

    #[test]
    fn what_was_given_back_or_given_up_is_never_paid_again() {
        for from in [
            S::Cancelled,
            S::CancellationRefunded,
            S::ReturnRefunded,
            S::FinishedSuccessfully,
        ] {
            assert_eq!(from.next().count(), 0, "{}", from.name());
        }
        assert!(S::Paid.to(S::Created).is_err());
        assert_eq!(S::Created.to(S::Paid), Ok(S::Paid));
        let refused = S::Created.to(S::OrderDeliveryPreparing).unwrap_err();
        assert!(
            refused.message.contains("paid, deposit_waiting, cancelled"),
            "{}",
            refused.message
        );
    }
}
