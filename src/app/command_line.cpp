#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/config/setting.h"
#include "app/version.h"

namespace app {
namespace {

// Every setting as a flag of this command. A flag without a value switches on what is true or false.
void add_settings(CLI::App& command, config::Sources& sources) {
    command.add_option(
        "--config", sources.config_file,
        "The configuration file (default: $EVERYCAST_CONFIG, else everycast.toml if it is there)");
    const config::Config defaults;
    for (const config::Setting& setting : config::settings()) {
        const std::string standard = display(defaults, setting);
        const std::string help =
            fmt::format("{}{} [{}]", setting.hidden() ? "File that holds: " : "", setting.help,
                        standard.empty() ? std::string(setting.empty_means) : standard);
        CLI::Option* option = command.add_option_function<std::string>(
            setting.flag(),
            [&sources, name = std::string(setting.name)](const std::string& text) {
                sources.flags[name] = text;
            },
            help);
        option->option_text(setting.is_flag() ? "[true|false]" : setting.hidden() ? "FILE" : "VALUE");
        if (setting.is_flag()) option->expected(0, 1)->default_str("true");
    }
    command.get_option("--config")->option_text("FILE");
}

std::string host_port(const std::string& text) {
    const auto parsed = config::parse_host_port(text);
    return parsed ? std::string() : parsed.error().message;
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
    CLI::App program("Everycast: go live once, be live everywhere.", "everycast");
    program.set_version_flag("--version", fmt::format("everycast {}", version));
    program.require_subcommand(1);
    program.get_formatter()->column_width(44);

    Serve serve;
    serve.sources.environment = config::process_environment;
    CLI::App* serve_command = program.add_subcommand("serve", "Runs the server until SIGINT or SIGTERM");
    add_settings(*serve_command, serve.sources);

    AddUser add_user;
    add_user.sources.environment = config::process_environment;
    CLI::App* user_command = program.add_subcommand("user", "Manages accounts on this machine's database");
    user_command->require_subcommand(1);
    CLI::App* add_command = user_command->add_subcommand(
        "add", "Makes an account; the password is asked for, or read from standard input");
    add_command->add_option("EMAIL", add_user.email)->required();
    add_command->add_option("--role", add_user.role, "admin, broadcaster or viewer")
        ->required()
        ->check(CLI::IsMember({"admin", "broadcaster", "viewer"}));
    add_command->add_option("--name", add_user.name,
                            "How others see the account (default: the e-mail's first part)");
    add_settings(*add_command, add_user.sources);

    CLI::App* keygen_command = program.add_subcommand("keygen", "Prints a fresh ENCRYPTION_KEY");

    Check check;
    check.sources.environment = config::process_environment;
    CLI::App* check_command = program.add_subcommand(
        "check",
        "Looks at configuration, database, disk, ports, clock and key: what is wrong, and how to mend it");
    check_command->add_flag("--settings", check.settings, "Prints the table of all settings and ends");
    add_settings(*check_command, check.sources);

    Top top;
    top.server = "http://localhost:8000";
    std::int64_t interval_ms = 1'000;
    CLI::App* top_command = program.add_subcommand("top",
                                                   "Shows a running server's broadcasts as a live table. "
                                                   "Sign in by $EVERYCAST_TOKEN, --token-file, or --email");
    top_command->add_option("--server", top.server, "The server's address")->capture_default_str();
    top_command->add_option("--token-file", top.token_file, "File that holds an API token");
    top_command->add_option("--email", top.email,
                            "Account; the password is asked for, or read from standard input");
    top_command->add_flag("--once", top.once, "Prints one table and ends");
    top_command->add_option("--interval-ms", interval_ms, "Between two tables")
        ->check(CLI::Range(200, 600'000))
        ->capture_default_str();

    Demo demo;
    std::string demo_folder = demo.options.data_dir;
    std::int64_t demo_seconds = 0;
    CLI::App* demo_command = program.add_subcommand(
        "demo", "Shows it all working on this machine: a test card fanned out to three local receivers");
    demo_command->add_option("--demo-seconds", demo_seconds, "Ends by itself after so long, with a verdict")
        ->check(CLI::Range(5, 86'400));
    demo_command->add_option("--data-dir", demo_folder, "Its files go into demo/ in there")
        ->capture_default_str();
    for (const auto& [flag, value] :
         {std::pair("--http", &demo.options.http), std::pair("--rtmp", &demo.options.rtmp)})
        demo_command->add_option(flag, *value, "HOST:PORT; another port is taken when this one is not free")
            ->capture_default_str()
            ->check(host_port);

    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return Done{program.exit(error)};
    }

    if (serve_command->parsed()) return serve;
    if (add_command->parsed()) return add_user;
    if (keygen_command->parsed()) return Keygen{};
    if (check_command->parsed()) return check;
    if (top_command->parsed()) {
        top.interval = std::chrono::milliseconds(interval_ms);
        return top;
    }
    demo.options.data_dir = demo_folder;
    demo.options.duration = std::chrono::seconds(demo_seconds);
    return demo;
}

}  // namespace app
