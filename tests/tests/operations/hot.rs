//! HOT: which function and which command use each operation.

use recharge::Reference;
use recharge::hot::{RechargeOrder, Reserved, Wallet};

use crate::shop::Shop;
use crate::table::Claim::Is;
use crate::table::{Claim, Drive, Row, Work, row};

/// In the order of the document.
pub(crate) const TABLE: &[Row] = &[
    row!("login", "balances", shop => shop.hot.balances().await, Is("hot balance")),
    row!("refreshToken", "balances", shop => balances_twice(shop).await, Is("hot balance")),
    row!("getBalances", "balances", shop => shop.hot.balances().await, Is("hot balance")),
    row!("getBalance", "balance", shop => shop.hot.balance(Wallet::Usd).await, Is("hot balance")),
    row!("listProducts", "products", shop => shop.hot.products().await, Is("hot products")),
    row!("getProduct", "product", shop => shop.hot.product("102".parse().unwrap()).await, Is("hot product")),
    row!("recharge", "recharge", shop => shop.hot.recharge(&order()).await, Is("hot recharge")),
    row!("completeReservedRecharge", "Reservation::complete", shop => reserve_and_complete(shop).await, Is("hot complete")),
    row!("queryStock", "stock", shop => shop.hot.stock(product()).await, Is("hot stock")),
    row!("queryCustomer", "customer", shop => shop.hot.customer(product(), "37100000001").await, Is("hot customer")),
    row!("queryTransaction", "enquire", shop => shop.hot.enquire(&Reference::random()).await, Is("hot enquire")),
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
