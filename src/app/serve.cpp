#include "app/serve.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "app/addresses.h"
#include "app/config/setting.h"
#include "app/limits.h"
#include "app/process/facts.h"
#include "app/process/limits.h"
#include "app/process/signals.h"
#include "app/server.h"
#include "app/version.h"

namespace app {
namespace {

base::LogSettings log_settings(const config::Config& config) {
    base::LogSettings settings;
    for (const auto& [name, level] :
         {std::pair("trace", base::LogLevel::trace), std::pair("debug", base::LogLevel::debug),
          std::pair("info", base::LogLevel::info), std::pair("warn", base::LogLevel::warn),
          std::pair("error", base::LogLevel::error)})
        if (config.log_level == name) settings.level = level;
    settings.format = config.log_format == "json" ? base::LogFormat::json : base::LogFormat::text;
    settings.file = config.log_file;
    return settings;
}

// What a person at the terminal needs to know; the log goes elsewhere.
void print_start(const config::Config& config, const Server& server) {
    const Addresses here = addresses(config);
    const Addresses elsewhere = addresses(config, process::reachable_address());
    std::string text = fmt::format("\nEverycast {} is running.\n\n  Web and API   {}\n", version, here.web);
    if (elsewhere.web != here.web)
        text += fmt::format("                {} from other machines\n", elsewhere.web);
    text += fmt::format(
        "  OBS           Settings → Stream → Service \"Custom…\"\n                Server      {}\n",
        elsewhere.rtmp);
    text += "                Stream Key  your station's or livestream's\n";
    text += fmt::format("  Data          {}\n", std::filesystem::absolute(config.data_dir).string());
    if (!server.new_key_file().empty())
        text += fmt::format("  New key       {}: keep a copy; without it stored stream keys are lost\n",
                            server.new_key_file().string());
    if (server.setup_code())
        text += fmt::format(
            "\nNobody has an account yet. Make yours, the admin's, with this one-time setup code:\n"
            "  Code          {0}\n"
            "  Link          {1}/setup#{0}\n"
            "  or type       everycast user add YOU@EXAMPLE.ORG --role admin{2}\n",
            server.setup_code()->reveal(), here.web,
            config.data_dir == config::Config{}.data_dir ? ""
                                                         : fmt::format(" --data-dir {}", config.data_dir));
    text += "\nCtrl-C stops it.\n";
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

int fail(const std::string& message) {
    fmt::print(stderr, "everycast: {}\n", message);
    return 1;
}

}  // namespace

int serve(const Serve& request) {
    const auto loaded = config::load(request.sources);
    if (!loaded) return fail(loaded.error().message);
    const config::Config& config = loaded->config;
    process::harden(config.core_dumps);
    const std::uint64_t descriptors = process::raise_descriptor_limit();
    process::Signals signals;

    base::Logger log;
    try {
        log = base::Logger(log_settings(config));
    } catch (const std::exception& error) {
        return fail(fmt::format("the log cannot be written: {}", error.what()));
    }
    auto server = Server::start(config, log);
    if (!server) return fail(server.error().message);
    log.info("started", {{"version", version}, {"descriptors", descriptors}});
    print_start(config, **server);

    const std::string signal = signals.wait();
    log.info("stopping", {{"signal", signal}});
    signals.force_after(shutdown_deadline);
    (*server)->stop();
    log.info("stopped");
    log.flush();
    return 0;
}

}  // namespace app
