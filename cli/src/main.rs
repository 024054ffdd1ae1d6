//! The command `recharge`.

fn main() -> std::process::ExitCode {
    recharge_cli::run(std::env::args_os())
}
