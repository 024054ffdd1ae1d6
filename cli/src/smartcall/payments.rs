//! What no enquiry can find: transfers of funds, EasyPay, DSTV. One attempt; what is lost is for a person.

use clap::{Args, Subcommand};
use recharge::smartcall::{
    Client, DstvAccountType, DstvPayment, EasypayAccountType, EasypayPayment, FundsTransfer,
    PaymentAccount,
};
use recharge::{Msisdn, ProductId, Rand, Reference};
use serde_json::json;

use super::read_failed;
use super::session::Session;
use crate::confirm::confirm;
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};
use crate::report::Ordered;
use crate::seller::{Told, sell};

/// Payments.
#[derive(Debug, Subcommand)]
pub(crate) enum PaymentCommand {
    Transfer(TransferArgs),
    Easypay(EasypayArgs),
    Dstv(DstvArgs),
}

/// Moves funds from this account to another's
///
/// A recipient who is no dealer yet becomes one by this, so that no refusal saves a mistyped number: `recharge smartcall registered MSISDN`
/// says whether it is one. Sent once; if the answer is lost, only balance and cashup tell, and a person decides.
#[derive(Debug, Args)]
pub(crate) struct TransferArgs {
    /// Who gets it
    #[arg(long, value_name = "MSISDN")]
    to: Msisdn,

    /// How much, in whole rand, 5 at least
    #[arg(long, value_name = "RAND")]
    amount: Rand,

    /// Lets the service tell the recipient by SMS
    #[arg(long)]
    sms: bool,

    /// The journal's name for this transfer, never to be used for another; without it a random one is made
    #[arg(long)]
    reference: Option<Reference>,

    /// Does not ask
    #[arg(long)]
    yes: bool,
}

/// Pays accounts and fines by EasyPay
#[derive(Debug, Args)]
pub(crate) struct EasypayArgs {
    #[command(subcommand)]
    command: EasypayCommand,
}

#[derive(Debug, Subcommand)]
enum EasypayCommand {
    /// Pays; sent once. If the answer is lost, only balance and cashup tell, and a person decides
    Pay(EasypayPayArgs),
    /// Asks what EasyPay knows of an account; all that it answers is a guess of the documents
    Query {
        /// epNo for an EasyPay number, noticeNo for the notice of a fine
        #[arg(value_name = "TYPE")]
        account_type: EasypayAccountType,

        /// The number, with all of its dashes and slashes
        #[arg(value_name = "ACCOUNT")]
        number: String,
    },
}

#[derive(Debug, Args)]
struct EasypayPayArgs {
    /// epNo for an EasyPay number, noticeNo for the notice of a fine
    #[arg(long = "type", value_name = "TYPE")]
    account_type: EasypayAccountType,

    #[command(flatten)]
    payment: PaymentArgs,
}

/// Pays DSTV subscriptions and BoxOffice
#[derive(Debug, Args)]
pub(crate) struct DstvArgs {
    #[command(subcommand)]
    command: DstvCommand,
}

#[derive(Debug, Subcommand)]
enum DstvCommand {
    /// Pays; sent once. If the answer is lost, only balance and cashup tell, and a person decides
    Pay(DstvPayArgs),
    /// Asks what DSTV knows of an account; all that it answers is a guess of the documents
    Query {
        /// SUBS for a subscription, TVOD for BoxOffice
        #[arg(value_name = "TYPE")]
        account_type: DstvAccountType,

        /// The number of the account, or of its holder's ID
        #[arg(value_name = "ACCOUNT")]
        number: String,
    },
}

#[derive(Debug, Args)]
struct DstvPayArgs {
    /// SUBS for a subscription, TVOD for BoxOffice
    #[arg(long = "type", value_name = "TYPE")]
    account_type: DstvAccountType,

    #[command(flatten)]
    payment: PaymentArgs,
}

/// What both providers' payments have. (`account` is the name of the global option for the account that pays.)
#[derive(Debug, Args)]
struct PaymentArgs {
    /// The account that is paid, with all of its dashes and slashes
    #[arg(long = "for", value_name = "ACCOUNT")]
    number: String,

    /// The product's id, such as 450
    #[arg(long, value_name = "ID")]
    product: ProductId,

    /// How much, in rand
    #[arg(long, value_name = "RAND")]
    amount: Rand,

    /// The number of the customer who pays
    #[arg(long, value_name = "MSISDN")]
    payer: Msisdn,

    /// Your name for this payment, never to be used for another; without it a random one is made
    #[arg(long)]
    reference: Option<Reference>,
}

pub(super) async fn run(
    session: &Session,
    command: PaymentCommand,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match command {
        PaymentCommand::Transfer(args) => transfer(session, args, printer).await,
        PaymentCommand::Easypay(args) => easypay(session, args.command, printer).await,
        PaymentCommand::Dstv(args) => dstv(session, args.command, printer).await,
    }
}

async fn transfer(
    session: &Session,
    args: TransferArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let mut order = FundsTransfer::new(args.to, args.amount)?;
    if let Some(reference) = args.reference {
        order = order.with_reference(reference);
    }
    if args.sms {
        order = order.with_sms();
    }
    let what = format!(
        "This moves R{} to {}, who becomes a dealer by it if the number is none yet.",
        args.amount, args.to
    );
    confirm(&what, args.yes)?;
    let ordered = Ordered {
        reference: order.reference().clone(),
        target: Some(order.recipient().to_string()),
        product: None,
        amount: Some(order.amount().to_string()),
    };
    let work = async |client: &Client| {
        let moving = client.transfer(&order);
        sell(client, ordered, moving, Told::Receipt, printer).await
    };
    session.selling(work).await
}

impl PaymentArgs {
    fn ordered(&self, reference: &Reference) -> Ordered {
        Ordered {
            reference: reference.clone(),
            target: Some(self.number.clone()),
            product: Some(self.product.get()),
            amount: Some(self.amount.to_string()),
        }
    }
}

async fn easypay(
    session: &Session,
    command: EasypayCommand,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match command {
        EasypayCommand::Query {
            account_type,
            number,
        } => {
            let work = async |client: &Client| {
                let known = client.easypay_account(&account_type, &number).await;
                told(&known.map_err(read_failed)?, printer)
            };
            session.reading(work).await
        }
        EasypayCommand::Pay(EasypayPayArgs {
            account_type,
            payment,
        }) => {
            let (number, amount) = (&payment.number, payment.amount);
            let mut order = EasypayPayment::new(
                payment.product,
                &account_type,
                number,
                amount,
                payment.payer,
            )?;
            if let Some(reference) = &payment.reference {
                order = order.with_reference(reference.clone());
            }
            let ordered = payment.ordered(order.reference());
            let work = async |client: &Client| {
                let paying = client.pay_easypay(&order);
                sell(client, ordered, paying, Told::Receipt, printer).await
            };
            session.selling(work).await
        }
    }
}

async fn dstv(
    session: &Session,
    command: DstvCommand,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match command {
        DstvCommand::Query {
            account_type,
            number,
        } => {
            let work = async |client: &Client| {
                let known = client.dstv_account(&account_type, &number).await;
                told(&known.map_err(read_failed)?, printer)
            };
            session.reading(work).await
        }
        DstvCommand::Pay(DstvPayArgs {
            account_type,
            payment,
        }) => {
            let (number, amount) = (&payment.number, payment.amount);
            let mut order = DstvPayment::new(
                payment.product,
                &account_type,
                number,
                amount,
                payment.payer,
            )?;
            if let Some(reference) = &payment.reference {
                order = order.with_reference(reference.clone());
            }
            let ordered = payment.ordered(order.reference());
            let work = async |client: &Client| {
                let paying = client.pay_dstv(&order);
                sell(client, ordered, paying, Told::Receipt, printer).await
            };
            session.selling(work).await
        }
    }
}

fn told(known: &PaymentAccount, printer: &Printer) -> Result<Exit, Failure> {
    let due = known.due.map(|due| due.to_string());
    let dash = |text: &Option<String>| on_one_line(text.as_deref().unwrap_or("-"));
    let rand = due.as_ref().map(|due| format!("R{due}"));
    printer.value(
        &json!({ "account_type": known.account_type, "account": known.account, "name": known.name, "due": due }),
        &format!(
            "{}  {}  {}  due {}",
            dash(&known.account_type),
            dash(&known.account),
            dash(&known.name),
            dash(&rand)
        ),
    )?;
    Ok(Exit::Success)
}
