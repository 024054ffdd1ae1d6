//! Smartcall: which function and which command use each operation.

use recharge::smartcall::{
    Address, AgentRegistration, DstvAccountType, DstvPayment, EasypayAccountType, EasypayPayment,
    FundsTransfer, Iccid, Identity, Image, Period, Person, RechargeOrder, Registration,
    RicaReference, Sim, VoucherOrder,
};
use recharge::{Date, Reference};

use crate::shop::{ACCOUNT, SUBSCRIBER, Shop};
use crate::table::Claim::Is;
use crate::table::{Claim, Drive, Row, Work, row};

/// In the order of the document.
pub(crate) const TABLE: &[Row] = &[
    row!("ping", "ping", shop => shop.smartcall.ping().await, Is("smartcall ping")),
    row!("getBalance", "balance", shop => shop.smartcall.balance().await, Is("smartcall balance")),
    row!("getProduct", "product", shop => shop.smartcall.product(product()).await, Is("smartcall product")),
    row!("getNetwork", "network", shop => shop.smartcall.network(1).await, Is("smartcall network")),
    row!("getNetworks", "catalogue", shop => shop.smartcall.catalogue().await, Is("smartcall networks")),
    row!("getRegistered", "is_registered", shop => shop.smartcall.is_registered(subscriber()).await, Is("smartcall registered")),
    row!("createRecharge", "submit", shop => shop.smartcall.submit(&order()).await, Is("smartcall submit")),
    row!("createSyncRecharge", "recharge", shop => shop.smartcall.recharge(&order()).await, Is("smartcall recharge")),
    row!("createRechargeBatch", "recharge_batch", shop => shop.smartcall.recharge_batch(&[order(), order()]).await, Is("smartcall batch")),
    row!("cancelRecharge", "cancel", shop => shop.smartcall.cancel(&Reference::random()).await, Is("smartcall cancel")),
    row!("createPrevend", "prevend", shop => shop.smartcall.prevend(&order()).await, Is("smartcall prevend")),
    row!("createFundsTransfer", "transfer", shop => shop.smartcall.transfer(&transfer()).await, Is("smartcall transfer")),
    row!("createBatchOrder", "order_voucher_file", shop => shop.smartcall.order_voucher_file(&VoucherOrder::new(product(), 2).unwrap()).await, Is("smartcall orders create")),
    row!("getBatchOrderFile", "download_voucher_file", shop => download(shop).await, Is("smartcall orders fetch")),
    row!("recreateBatchFile", "recreate_voucher_file", shop => shop.smartcall.recreate_voucher_file(&Reference::random()).await, Is("smartcall orders recreate")),
    row!("getTransactionByClientReference", "enquire", shop => shop.smartcall.enquire(&Reference::random()).await, Is("smartcall enquire")),
    row!("getTransactionBySmartloadReference", "resume", shop => resume_after_a_week(shop).await, Is("smartcall recover")),
    row!("getCashupToday", "cashup_today", shop => shop.smartcall.cashup_today().await, Is("smartcall cashup")),
    row!("getCashup", "cashup", shop => shop.smartcall.cashup(Period::day(Date::new(2027, 1, 2).unwrap())).await, Is("smartcall cashup")),
    row!("getElectricityTransaction", "electricity_transaction", shop => shop.smartcall.electricity_transaction("987654321").await, Is("smartcall electricity tokens")),
    row!("getElectricityLimits", "electricity_limits", shop => shop.smartcall.electricity_limits().await, Is("smartcall electricity limits")),
    row!("createBatchVouchers", "buy_vouchers", shop => shop.smartcall.buy_vouchers(&VoucherOrder::new(product(), 2).unwrap()).await, Is("smartcall vouchers buy")),
    row!("getBatchVouchers", "vouchers", shop => shop.smartcall.vouchers(&Reference::random()).await, Is("smartcall vouchers show")),
    row!("getVoucherStock", "voucher_stock", shop => shop.smartcall.voucher_stock(product()).await, Is("smartcall vouchers stock")),
    row!("queryMonice", "monice_offers", shop => shop.smartcall.monice_offers(subscriber()).await, Is("smartcall monice query")),
    row!("rechargeMonice", "recharge_monice", shop => sell_what_monice_offers(shop).await, Is("smartcall monice recharge")),
    row!("submitRegistration", "submit_registration", shop => shop.smartcall.submit_registration(&registration()).await, Is("smartcall rica register")),
    row!("getRicaStatus", "rica_status", shop => shop.smartcall.rica_status(&iccid(), &rica_reference()).await, Is("smartcall rica status")),
    row!("queryAgent", "rica_agent", shop => shop.smartcall.rica_agent(subscriber()).await, Is("smartcall rica agent")),
    row!("registerAgent", "register_agent", shop => shop.smartcall.register_agent(&agent()).await, Is("smartcall rica register-agent")),
    row!("getAgentRegistrationStatus", "agent_registration_status", shop => shop.smartcall.agent_registration_status(&rica_reference()).await, Is("smartcall rica agent-status")),
    row!("createEasypayPayment", "pay_easypay", shop => shop.smartcall.pay_easypay(&easypay()).await, Is("smartcall easypay pay")),
    row!("queryEasypayPayment", "easypay_account", shop => shop.smartcall.easypay_account(&EasypayAccountType::Notice, "07/0123/456-789").await, Is("smartcall easypay query")),
    row!("createDstvPayment", "pay_dstv", shop => shop.smartcall.pay_dstv(&dstv()).await, Is("smartcall dstv pay")),
    row!("queryDstvAccount", "dstv_account", shop => shop.smartcall.dstv_account(&DstvAccountType::Subscription, "1234567890").await, Is("smartcall dstv query")),
    row!("getSimNetwork", "sim_network", shop => shop.smartcall.sim_network(subscriber()).await, Is("smartcall sim")),
    row!("getNetworkHealth", "network_health", shop => shop.smartcall.network_health().await, Is("smartcall health")),
    row!("getRicaHealth", "rica_health", shop => shop.smartcall.rica_health().await, Is("smartcall health")),
    row!("authenticate", "balance", shop => shop.smartcall.balance().await, Is("smartcall balance")),
    row!("invalidateToken", "close", shop => log_in_and_out(shop).await, Is("smartcall balance")),
    row!("getAvailableTokens", "tokens_left", shop => shop.smartcall.tokens_left().await, Is("smartcall tokens")),
    row!("flushTokens", "flush_tokens_of_all_clients", shop => shop.smartcall.flush_tokens_of_all_clients().await, Is("smartcall tokens flush")),
];

fn subscriber() -> recharge::Msisdn {
    SUBSCRIBER.parse().unwrap()
}

fn product() -> recharge::ProductId {
    "62".parse().unwrap()
}

fn order() -> RechargeOrder {
    RechargeOrder::new(subscriber(), product(), "29.50".parse().unwrap())
}

/// A sale that is pending is asked about by the service's own reference once it has forgotten ours.
async fn resume_after_a_week(shop: &Shop) {
    let order = order();
    let _ = shop.smartcall.recharge(&order).await;
    shop.a_week_later();
    let _ = shop.smartcall.recharge(&order).await;
}

async fn log_in_and_out(shop: &Shop) {
    let _ = shop.smartcall.balance().await;
    shop.smartcall.close().await;
}

fn transfer() -> FundsTransfer {
    FundsTransfer::new(subscriber(), "100".parse().unwrap()).unwrap()
}

async fn sell_what_monice_offers(shop: &Shop) {
    let offers = shop.smartcall.monice_offers(subscriber()).await.unwrap();
    let order = offers.choose("42").unwrap();
    let _ = shop.smartcall.recharge_monice(&order).await;
}

fn easypay() -> EasypayPayment {
    let (product, amount) = ("451".parse().unwrap(), "250.50".parse().unwrap());
    let kind = EasypayAccountType::Notice;
    EasypayPayment::new(product, &kind, "07/0123/456-789", amount, subscriber()).unwrap()
}

fn dstv() -> DstvPayment {
    let (product, amount) = ("460".parse().unwrap(), "250.50".parse().unwrap());
    let kind = DstvAccountType::Subscription;
    DstvPayment::new(product, &kind, "1234567890", amount, subscriber()).unwrap()
}

async fn download(shop: &Shop) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vouchers.zip");
    let reference = Reference::random();
    let _ = shop.smartcall.download_voucher_file(&reference, path).await;
}

fn iccid() -> Iccid {
    "8911000000010240123".parse().unwrap()
}

fn rica_reference() -> RicaReference {
    "1234".parse().unwrap()
}

fn person() -> Person {
    let identity = Identity::south_african("8001015009087").unwrap();
    let address = Address::new("12 Long Street", "Gardens", "8001", "ZA").unwrap();
    Person::new("Jane", "Doe", identity, address).unwrap()
}

fn registration() -> Registration {
    let agent = ACCOUNT.parse().unwrap();
    Registration::new(agent, person(), Sim::iccid(iccid()), 1, subscriber()).unwrap()
}

fn agent() -> AgentRegistration {
    AgentRegistration {
        person: person(),
        msisdn: subscriber(),
        id_document: Image::new(*b"document").unwrap(),
        face: Image::new(*b"face").unwrap(),
        proof_of_address: Image::new(*b"proof").unwrap(),
    }
}
