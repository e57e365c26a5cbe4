#include "app/check.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "app/config/setting.h"
#include "app/data_folder.h"
#include "app/destination_access.h"
#include "app/foundation.h"
#include "app/part_settings.h"
#include "app/process/limits.h"
#include "base/ids.h"
#include "crypto/encryption_key.h"
#include "net/tls_context.h"
#include "net/unique_fd.h"
#include "storage/client.h"

namespace app {
namespace {

constexpr std::uintmax_t little_space = 1'000'000'000;
constexpr std::uint64_t few_descriptors = 4'096;
constexpr int certificate_days_left = 14;
constexpr std::chrono::milliseconds store_patience{5'000};

std::string reason(int error) {
    return std::generic_category().message(error);
}

Finding good(std::string what) {
    return {Grade::good, std::move(what), {}};
}
Finding note(std::string what, std::string mend) {
    return {Grade::note, std::move(what), std::move(mend)};
}
Finding bad(std::string what, std::string mend) {
    return {Grade::bad, std::move(what), std::move(mend)};
}

std::string_view source_name(config::Source source) {
    switch (source) {
        case config::Source::standard:
            return "default";
        case config::Source::file:
            return "file";
        case config::Source::environment:
            return "environment";
        case config::Source::flag:
            return "flag";
    }
    return "default";
}

void examine_configuration(const config::Loaded& loaded, std::vector<Finding>& findings) {
    findings.push_back(good(loaded.file.empty() ? "configuration: no file, defaults and environment"
                                                : fmt::format("configuration: {}", loaded.file)));
    for (const auto& [name, source] : loaded.sources) {
        const config::Setting& setting = *config::find_setting(name);
        findings.push_back(
            good(fmt::format("  {} = {} ({})", name, display(loaded.config, setting), source_name(source))));
        struct stat facts {};
        if (source == config::Source::file && setting.hidden() && ::stat(loaded.file.c_str(), &facts) == 0 &&
            (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
            findings.push_back(
                note(fmt::format("{} holds {} and can be read by other users", loaded.file, name),
                     fmt::format("chmod 600 {}", loaded.file)));
    }
}

void examine_destination_access(const config::Config& config, std::vector<Finding>& findings) {
    if (const auto fit = check_destination_access(config); !fit)
        findings.push_back(bad(fit.error().message, "mend the setting, or leave it out"));
}

void examine_folder(const config::Config& config, std::vector<Finding>& findings) {
    const std::filesystem::path folder = config.data_dir;
    std::error_code error;
    if (!std::filesystem::exists(folder, error)) {
        findings.push_back(good(fmt::format("data: {} will be made at the first start", folder.string())));
        return;
    }
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
        findings.push_back(
            bad(fmt::format("data: {} cannot be written: {}", folder.string(), reason(errno)),
                "give it to the user that runs the server (chown), or choose another with --data-dir"));
    else
        findings.push_back(
            good(fmt::format("data: {}{}", std::filesystem::absolute(folder).string(),
                             DataFolder::in_use(folder) ? ", a server is running on it" : "")));
    const auto space = std::filesystem::space(folder, error);
    if (!error && space.available < little_space)
        findings.push_back(note(fmt::format("disk: {} MB free", space.available / 1'000'000), "make room"));
    else if (!error)
        findings.push_back(
            good(fmt::format("disk: {:.1f} GB free", static_cast<double>(space.available) / 1e9)));
}

// The key file is only looked at: a start would make it.
void examine_key(const config::Config& config, std::vector<Finding>& findings) {
    const auto file = std::filesystem::path(config.data_dir) / "encryption.key";
    if (config.encryption_key.empty() && !std::filesystem::exists(file)) {
        findings.push_back(good("encryption key: will be made at the first start"));
        return;
    }
    const auto key = crypto::find_encryption_key(config.encryption_key, config.data_dir);
    if (!key)
        findings.push_back(
            bad("encryption key: " + key.error().message, "`everycast keygen` makes a good one"));
    else
        findings.push_back(
            good(key->from_settings
                     ? "encryption key: given by the settings"
                     : fmt::format("encryption key: {}; keep a copy in a safe place", key->file.string())));
}

// Reads the embedded database without changing it; a start would migrate it.
void examine_embedded_database(const std::filesystem::path& file, std::vector<Finding>& findings) {
    if (!std::filesystem::exists(file)) {
        findings.push_back(good("database: SQLite, will be made at the first start"));
        return;
    }
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(raw, sqlite3_close);
    std::string verdict;
    const auto read = [](void* into, int columns, char** values, char**) {
        if (columns > 0 && values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
        return 0;
    };
    if (opened == SQLITE_OK) {
        sqlite3_busy_timeout(raw, 2'000);
        sqlite3_exec(raw, "PRAGMA quick_check(1)", read, &verdict, nullptr);
    }
    if (verdict == "ok")
        findings.push_back(good(fmt::format("database: SQLite, {}, sound", file.string())));
    else
        findings.push_back(bad(fmt::format("database: {} is damaged or no database ({})", file.string(),
                                           verdict.empty() ? sqlite3_errmsg(raw) : verdict.c_str()),
                               "stop the server and restore a backup; docs/operating.md says how"));
}

void examine_postgres(const base::Secret& url, std::vector<Finding>& findings) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> database(PQconnectdb(url.reveal().c_str()), PQfinish);
    if (PQstatus(database.get()) == CONNECTION_OK)
        findings.push_back(good(fmt::format("database: PostgreSQL {} answers",
                                            PQparameterStatus(database.get(), "server_version"))));
    else
        // libpq's own text can quote the address, so it is not shown.
        findings.push_back(
            bad("database: PostgreSQL does not let us in",
                "try the same address with psql; it says whether host, name or password is wrong"));
}

void examine_database(const config::Config& config, std::vector<Finding>& findings) {
    if (config.database.empty())
        examine_embedded_database(DataFolder::database_file(config.data_dir), findings);
    else
        examine_postgres(config.database, findings);
}

void examine_port(const std::string& name, const std::string& listen, bool server_runs,
                  std::vector<Finding>& findings) {
    if (listen == config::off) return findings.push_back(good(fmt::format("{}: off", name)));
    const auto parsed = config::parse_host_port(listen);
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const std::string port = std::to_string(parsed ? parsed->port : 0);
    if (!parsed || ::getaddrinfo(parsed->host.c_str(), port.c_str(), &hints, &list) != 0)
        return findings.push_back(bad(fmt::format("{}: {} is no address of this machine", name, listen),
                                      fmt::format("listen on 0.0.0.0:{}", port)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
    const net::UniqueFd socket(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(socket.get(), list->ai_addr, list->ai_addrlen) == 0 && ::listen(socket.get(), 1) == 0)
        return findings.push_back(good(fmt::format("{}: {} is free", name, listen)));
    if (errno == EADDRINUSE && server_runs)
        return findings.push_back(good(fmt::format("{}: {} is in use, by the running server", name, listen)));
    findings.push_back(
        bad(fmt::format("{}: {} cannot be taken: {}", name, listen, reason(errno)),
            errno == EACCES
                ? "ports below 1024 need root or CAP_NET_BIND_SERVICE; choose a higher one"
                : fmt::format("choose another with --{}, or stop what uses it (ss -ltnp shows it)", name)));
}

void examine_certificate(const config::Config& config, std::vector<Finding>& findings) {
    if (config.tls_certificate.empty() && config.tls_key.empty()) {
        if (config.https)
            findings.push_back(bad("https is set without a certificate", "set tls_certificate and tls_key"));
        else
            findings.push_back(good("tls: no certificate, RTMPS is off"));
        return;
    }
    const auto context = net::TlsServerContext::make(config.tls_certificate, config.tls_key);
    if (!context)
        return findings.push_back(bad("tls: " + context.error().message, "see docs/operating.md, TLS"));
    const std::unique_ptr<FILE, decltype(&std::fclose)> file(std::fopen(config.tls_certificate.c_str(), "r"),
                                                             std::fclose);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        file ? PEM_read_X509(file.get(), nullptr, nullptr, nullptr) : nullptr, X509_free);
    int days = 0;
    int seconds = 0;
    if (!certificate || ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())) != 1)
        return;
    if (days < 0 || seconds < 0)
        findings.push_back(bad("tls: the certificate has expired", "renew it and start the server again"));
    else if (days < certificate_days_left)
        findings.push_back(note(fmt::format("tls: the certificate expires in {} days", days), "renew it"));
    else
        findings.push_back(good(fmt::format("tls: certificate and key fit, {} days left", days)));
}

// Writes a small object and deletes it, as a recording would be.
void examine_object_store(const config::Config& config, std::vector<Finding>& findings) {
    if (config.s3_bucket.empty())
        return findings.push_back(good("object store: none, recordings stay on the disk"));
    storage::StoreSettings settings = object_store_settings(config);
    settings.tries = 2;
    settings.connect_timeout = store_patience;
    settings.request_timeout = 2 * store_patience;
    const auto fails = [&](const base::Error& error, const char* mend) {
        findings.push_back(bad(fmt::format("object store: {}", error.message), mend));
    };
    const auto client = storage::Client::create(settings);
    if (!client) return fails(client.error(), "mend the s3_ settings; docs/operating.md says what each is");
    const std::string key = config.s3_prefix + base::random_id("everycast-check-");
    if (const auto put = (*client)->put(key, base::as_bytes("everycast check"), {}); !put)
        return fails(put.error(), "recordings stay on the disk until it can be written");
    if (const auto removed = (*client)->remove(key); !removed)
        return fails(removed.error(), "deleted recordings would stay in the store: allow s3:DeleteObject");
    findings.push_back(good(fmt::format("object store: bucket {} can be written", config.s3_bucket)));
}

void examine_machine(std::vector<Finding>& findings) {
    timex clock{};
    const int state = ::adjtimex(&clock);
    if (state == TIME_ERROR || (clock.status & STA_UNSYNC) != 0)
        findings.push_back(note("clock: not synchronised, as the kernel says",
                                "run systemd-timesyncd or chrony; tokens and schedules need the right time"));
    else
        findings.push_back(good("clock: synchronised"));
    const std::uint64_t descriptors = process::raise_descriptor_limit();
    if (descriptors < few_descriptors)
        findings.push_back(note(fmt::format("limits: {} open files", descriptors),
                                "raise it for many streams (LimitNOFILE= in systemd, ulimit -n in a shell)"));
    else
        findings.push_back(good(fmt::format("limits: {} open files", descriptors)));
}

}  // namespace

std::vector<Finding> examine(const config::Loaded& loaded) {
    const config::Config& config = loaded.config;
    std::vector<Finding> findings;
    examine_configuration(loaded, findings);
    examine_destination_access(config, findings);
    examine_folder(config, findings);
    examine_key(config, findings);
    examine_database(config, findings);
    const bool server_runs = DataFolder::in_use(config.data_dir);
    examine_port("http", config.http, server_runs, findings);
    examine_port("rtmp", config.rtmp, server_runs, findings);
    if (!config.tls_certificate.empty()) examine_port("rtmps", config.rtmps, server_runs, findings);
    examine_certificate(config, findings);
    examine_object_store(config, findings);
    examine_machine(findings);
    return findings;
}

int check(const Check& request) {
    if (request.settings) {
        fmt::print("{}", config::settings_as_markdown());
        return 0;
    }
    const auto loaded = config::load(request.sources);
    if (!loaded) {
        fmt::print("wrong  {}\n", loaded.error().message);
        return 1;
    }
    bool sound = true;
    for (const Finding& finding : examine(*loaded)) {
        const std::string_view word = finding.grade == Grade::good   ? "ok"
                                      : finding.grade == Grade::note ? "note"
                                                                     : "wrong";
        fmt::print("{:<6} {}\n", word, finding.what);
        if (!finding.mend.empty()) fmt::print("       → {}\n", finding.mend);
        sound = sound && finding.grade != Grade::bad;
    }
    return sound ? 0 : 1;
}

}  // namespace app
