//! The server as a plain binary, for containers and for those without Node.

fn main() -> std::process::ExitCode {
    proyecta::cli::main(std::env::args_os().collect())
}
