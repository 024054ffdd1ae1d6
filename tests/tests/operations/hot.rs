//! HOT: which function and which command use each operation.

use recharge::Reference;
use recharge::hot::{RechargeOrder, Reserved, Wallet};

use crate::shop::Shop;
use crate::table::Claim::Not;
use crate::table::{Claim, Drive, Row, Work, row};

/// Of a command that is being written.
const NOT_YET: &str = "not yet";

/// In the order of the document.
pub(crate) const TABLE: &[Row] = &[
    row!("login", "balances", shop => shop.hot.balances().await, Not(NOT_YET)),
    row!("refreshToken", "balances", shop => balances_twice(shop).await, Not(NOT_YET)),
    row!("getBalances", "balances", shop => shop.hot.balances().await, Not(NOT_YET)),
    row!("getBalance", "balance", shop => shop.hot.balance(Wallet::Usd).await, Not(NOT_YET)),
    row!("listProducts", "products", shop => shop.hot.products().await, Not(NOT_YET)),
    row!("getProduct", "product", shop => shop.hot.product("102".parse().unwrap()).await, Not(NOT_YET)),
    row!("recharge", "recharge", shop => shop.hot.recharge(&order()).await, Not(NOT_YET)),
    row!("completeReservedRecharge", "Reservation::complete", shop => reserve_and_complete(shop).await, Not(NOT_YET)),
    row!("queryStock", "stock", shop => shop.hot.stock(product()).await, Not(NOT_YET)),
    row!("queryCustomer", "customer", shop => shop.hot.customer(product(), "37100000001").await, Not(NOT_YET)),
    row!("queryTransaction", "enquire", shop => shop.hot.enquire(&Reference::random()).await, Not(NOT_YET)),
];

fn product() -> recharge::ProductId {
    "101".parse().unwrap()
}

fn order() -> RechargeOrder {
    let (subscriber, amount) = ("0772123456".parse().unwrap(), "10.50".parse().unwrap());
    RechargeOrder::airtime(product(), subscriber, amount)
}

/// The second time the first token has ended.
async fn balances_twice(shop: &Shop) {
    let _ = shop.hot.balances().await;
    shop.a_week_later();
    let _ = shop.hot.balances().await;
}

async fn reserve_and_complete(shop: &Shop) {
    match shop.hot.reserve(&order(), true).await {
        Ok(Reserved::Made(reservation)) => drop(reservation.complete().await),
        other => panic!("not reserved: {other:?}"),
    }
}
