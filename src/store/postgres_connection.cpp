#include "store/postgres_connection.h"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <algorithm>
#include <array>
#include <utility>

#include "store/watchdog.h"

namespace store {

namespace {

// Any number of ours, the same in every release: the lock's name in PostgreSQL.
constexpr const char* migration_lock = "738201964";

// How long the server may take to answer a connection, and how long a peer that vanished goes unnoticed. A
// URL that sets one of them keeps its own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> parameters{{
    {"connect_timeout", "2"},
    {"application_name", "everycast"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "3"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "5000"},
}};

base::Secret with_parameters(const base::Secret& url) {
    std::string text = url.reveal();
    for (const auto& [name, value] : parameters) {
        if (text.find(std::string(name) + "=") != std::string::npos) continue;
        text += text.find('?') == std::string::npos ? '?' : '&';
        text.append(name).append("=").append(value);
    }
    return base::Secret(std::move(text));
}

// libpq's words hold the host, the user and, for a URL that was read otherwise than meant, parts of the
// password.
std::string reason_of(std::string_view words) {
    const auto holds = [&](std::string_view part) { return words.find(part) != std::string_view::npos; };
    if (holds("password authentication failed") || holds("no password supplied"))
        return "it refused the user name or password";
    if (holds("no pg_hba.conf entry")) return "its pg_hba.conf lets no such user in from here";
    if (holds("database \"") && holds("does not exist")) return "it has no database of this name";
    if (holds("role \"") && holds("does not exist")) return "it has no user of this name";
    if (holds("could not translate host name")) return "its host name is unknown";
    if (holds("timeout expired")) return "it did not answer within 2 s";
    if (holds("too many clients") || holds("connection slots")) return "it has no free connection";
    if (holds("starting up") || holds("shutting down")) return "it is starting or stopping";
    if (holds("SSL") || holds("certificate")) return "TLS failed";
    return "nobody answers at its address";
}

// A statement that takes too long is first ended by the server, which keeps the connection. Only when the
// server does not do so either, because it hangs, the connection is given up, this much later.
constexpr std::chrono::milliseconds hang_margin{100};
// For the statements that set a new connection up.
constexpr std::chrono::milliseconds set_up_patience{1'000};

Failure unreachable(std::string_view words) {
    return {{base::ErrorCode::unavailable,
             "PostgreSQL cannot be reached: " + reason_of(words) + ". Check the database URL.",
             "database_unavailable",
             {{"retryAfter", "5"}}}};
}

// SOCI's first statement on a new connection: where that fails, SOCI loses the connection with its socket,
// and where it is not answered, SOCI waits for ever. A pooler whose server is away does the one or the other
// to each attempt. So it is tried here before.
void expect_an_answer(const base::Secret& url, const std::shared_ptr<Watchdog>& watchdog) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> trial(PQconnectdb(url.reveal().c_str()), PQfinish);
    if (PQstatus(trial.get()) != CONNECTION_OK) throw unreachable(PQerrorMessage(trial.get()));
    WatchedSocket socket(watchdog, PQsocket(trial.get()));
    socket.shut_down_at(std::chrono::steady_clock::now() + set_up_patience + hang_margin);
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer(
        PQexec(trial.get(), "SET extra_float_digits = 3"), PQclear);
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) throw unreachable(PQerrorMessage(trial.get()));
}

std::unique_ptr<soci::session> connect(const base::Secret& url, const std::shared_ptr<Watchdog>& watchdog) {
    expect_an_answer(url, watchdog);
    try {
        return std::make_unique<soci::session>(soci::postgresql, url.reveal());
    } catch (const std::exception& caught) {
        throw unreachable(caught.what());
    }
}

class PostgresConnection final : public Connection {
  public:
    PostgresConnection(const base::Secret& url, std::shared_ptr<Watchdog> watchdog)
        : session_(connect(url, watchdog)), socket_(std::move(watchdog), PQsocket(handle())) {
        // Without details: those hold values of the row.
        PQsetErrorVerbosity(handle(), PQERRORS_TERSE);
        PQsetNoticeProcessor(
            handle(), [](void*, const char*) {}, nullptr);
        give_up_in(set_up_patience);
        execute("SET idle_in_transaction_session_timeout = '30s'");
        socket_.leave_alone();
    }

    soci::session& session() override { return *session_; }

    void begin(Access access, std::chrono::milliseconds patience) override {
        const auto at_most = std::max(patience, std::chrono::milliseconds(1));
        const std::string text = std::to_string(at_most.count());
        std::string sql = "BEGIN";
        if (access == Access::read) sql += " ISOLATION LEVEL REPEATABLE READ READ ONLY";
        sql += "; SET LOCAL lock_timeout = " + text;
        if (!migrating_) {  // a migration takes what it takes
            sql += "; SET LOCAL statement_timeout = " + text;
            give_up_in(at_most);
        }
        execute(sql);  // one round trip
    }
    void commit() override {
        execute("COMMIT");
        socket_.leave_alone();
    }
    void rollback() override {
        execute("ROLLBACK");
        socket_.leave_alone();
    }
    std::string_view for_update() const override { return " FOR UPDATE"; }

    std::string kind() override {
        const int version = PQserverVersion(handle());
        return "PostgreSQL " + std::to_string(version / 10000) + "." + std::to_string(version % 10000);
    }

    bool try_lock_migrations() override {
        execute("SET statement_timeout = 0");  // whatever the role's default is
        int locked = 0;
        session_->once << "SELECT pg_try_advisory_lock(" << migration_lock << ")::int", soci::into(locked);
        migrating_ = locked != 0;
        return migrating_;
    }
    void unlock_migrations() override {
        migrating_ = false;
        int unlocked = 0;
        session_->once << "SELECT pg_advisory_unlock(" << migration_lock << ")::int", soci::into(unlocked);
    }
    std::string back_up(int) override { return {}; }

  private:
    PGconn* handle() {
        return static_cast<soci::postgresql_session_backend*>(session_->get_backend())->conn_;
    }
    void execute(const std::string& sql) { session_->once << sql; }
    void give_up_in(std::chrono::milliseconds patience) {
        socket_.shut_down_at(std::chrono::steady_clock::now() + patience + hang_margin);
    }

    std::unique_ptr<soci::session> session_;
    WatchedSocket socket_;
    bool migrating_ = false;
};

}  // namespace

base::Result<> check_postgres_url(const base::Secret& url) {
    const std::string& text = url.reveal();
    char* words = nullptr;
    PQconninfoOption* const options = PQconninfoParse(text.c_str(), &words);
    PQfreemem(words);  // quotes the URL
    PQconninfoFree(options);
    const bool is_url = text.starts_with("postgresql://") || text.starts_with("postgres://");
    const bool is_plain = text.find_first_of(" \t\r\n\"") == std::string::npos;
    if (options && is_url && is_plain) return {};
    return base::fail(
        base::ErrorCode::invalid_argument,
        "The database URL cannot be read. It looks like postgresql://user:password@host:5432/name, with "
        "special characters of the password percent-encoded.");
}

ConnectionFactory postgres_factory(const base::Secret& url) {
    return [url = with_parameters(url),
            watchdog = std::make_shared<Watchdog>()]() -> std::unique_ptr<Connection> {
        return std::make_unique<PostgresConnection>(url, watchdog);
    };
}

}  // namespace store
