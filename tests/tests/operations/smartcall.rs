//! Smartcall: which function and which command use each operation.

use recharge::smartcall::{Period, RechargeOrder};
use recharge::{Date, Reference};

use crate::shop::{SUBSCRIBER, Shop};
use crate::table::Claim::Not;
use crate::table::{Claim, Drive, Row, Work, row};

/// Of a function that is being written.
const NOT_YET: &str = "not yet";

fn subscriber() -> recharge::Msisdn {
    SUBSCRIBER.parse().unwrap()
}

fn product() -> recharge::ProductId {
    "62".parse().unwrap()
}

fn order() -> RechargeOrder {
    RechargeOrder::new(subscriber(), product(), "29.50".parse().unwrap())
}

/// In the order of the document.
pub(crate) const TABLE: &[Row] = &[
    row!("ping", "ping", shop => shop.smartcall.ping().await, Not(NOT_YET)),
    row!("getBalance", "balance", shop => shop.smartcall.balance().await, Not(NOT_YET)),
    row!("getProduct", "product", shop => shop.smartcall.product(product()).await, Not(NOT_YET)),
    row!("getNetwork", "network", shop => shop.smartcall.network(1).await, Not(NOT_YET)),
    row!("getNetworks", "catalogue", shop => shop.smartcall.catalogue().await, Not(NOT_YET)),
    row!("getRegistered", "is_registered", shop => shop.smartcall.is_registered(subscriber()).await, Not(NOT_YET)),
    row!("createRecharge", not NOT_YET, Not(NOT_YET)),
    row!("createSyncRecharge", "recharge", shop => shop.smartcall.recharge(&order()).await, Not(NOT_YET)),
    row!("createRechargeBatch", not NOT_YET, Not(NOT_YET)),
    row!("cancelRecharge", not NOT_YET, Not(NOT_YET)),
    row!("createPrevend", not NOT_YET, Not(NOT_YET)),
    row!("createFundsTransfer", not NOT_YET, Not(NOT_YET)),
    row!("createBatchOrder", not NOT_YET, Not(NOT_YET)),
    row!("getBatchOrderFile", not NOT_YET, Not(NOT_YET)),
    row!("recreateBatchFile", not NOT_YET, Not(NOT_YET)),
    row!("getTransactionByClientReference", "enquire", shop => shop.smartcall.enquire(&Reference::random()).await, Not(NOT_YET)),
    row!("getTransactionBySmartloadReference", not NOT_YET, Not(NOT_YET)),
    row!("getCashupToday", "cashup_today", shop => shop.smartcall.cashup_today().await, Not(NOT_YET)),
    row!("getCashup", "cashup", shop => shop.smartcall.cashup(Period::day(Date::new(2027, 1, 2).unwrap())).await, Not(NOT_YET)),
    row!("getElectricityTransaction", not NOT_YET, Not(NOT_YET)),
    row!("getElectricityLimits", not NOT_YET, Not(NOT_YET)),
    row!("createBatchVouchers", not NOT_YET, Not(NOT_YET)),
    row!("getBatchVouchers", not NOT_YET, Not(NOT_YET)),
    row!("getVoucherStock", not NOT_YET, Not(NOT_YET)),
    row!("queryMonice", not NOT_YET, Not(NOT_YET)),
    row!("rechargeMonice", not NOT_YET, Not(NOT_YET)),
    row!("submitRegistration", not NOT_YET, Not(NOT_YET)),
    row!("getRicaStatus", not NOT_YET, Not(NOT_YET)),
    row!("queryAgent", not NOT_YET, Not(NOT_YET)),
    row!("registerAgent", not NOT_YET, Not(NOT_YET)),
    row!("getAgentRegistrationStatus", not NOT_YET, Not(NOT_YET)),
    row!("createEasypayPayment", not NOT_YET, Not(NOT_YET)),
    row!("queryEasypayPayment", not NOT_YET, Not(NOT_YET)),
    row!("createDstvPayment", not NOT_YET, Not(NOT_YET)),
    row!("queryDstvAccount", not NOT_YET, Not(NOT_YET)),
    row!("getSimNetwork", "sim_network", shop => shop.smartcall.sim_network(subscriber()).await, Not(NOT_YET)),
    row!("getNetworkHealth", "network_health", shop => shop.smartcall.network_health().await, Not(NOT_YET)),
    row!("getRicaHealth", "rica_health", shop => shop.smartcall.rica_health().await, Not(NOT_YET)),
    row!("authenticate", "balance", shop => shop.smartcall.balance().await, Not(NOT_YET)),
    row!("invalidateToken", "close", shop => { let _ = shop.smartcall.balance().await; shop.smartcall.close().await }, Not(NOT_YET)),
    row!("getAvailableTokens", "tokens_left", shop => shop.smartcall.tokens_left().await, Not(NOT_YET)),
    row!("flushTokens", "flush_tokens_of_all_clients", shop => shop.smartcall.flush_tokens_of_all_clients().await, Not(NOT_YET)),
];
