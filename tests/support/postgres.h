// A real PostgreSQL 15 for tests: its own data directory and unix socket under a temporary directory, stopped
// and removed with the object. PostgreSQL refuses to run as root, so under root it runs as the user
// `postgres`.
#pragma once

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace support {

class Postgres {
  public:
    static bool installed() { return std::filesystem::exists(binaries + "/postgres"); }

    Postgres() {
        std::string pattern = (std::filesystem::temp_directory_path() / "everycast-pg-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary directory for PostgreSQL");
        directory_ = pattern;
        if (::geteuid() == 0) {
            const passwd* const user = ::getpwnam("postgres");
            if (!user || ::chown(pattern.c_str(), user->pw_uid, user->pw_gid) != 0)
                throw std::runtime_error("there is no user `postgres` to run PostgreSQL as");
        }
        // Without fsync: these data die with the test.
        if (wait_for(spawn({binaries + "/initdb", "-D", data(), "-U", "everycast", "-A", "trust", "-E",
                            "UTF8", "--locale=C", "--no-sync"})) != 0)
            throw std::runtime_error("initdb failed; see " + log());
        start();
    }
    ~Postgres() {
        stop();
        std::error_code error;
        std::filesystem::remove_all(directory_, error);
    }
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    void start() {
        server_ = spawn({binaries + "/postgres", "-D", data(), "-k", directory_.string(), "-c",
                         "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c",
                         "max_connections=60"});
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!connect("postgres")) {
            if (std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error("PostgreSQL does not start; see " + log());
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    // SIGQUIT is `pg_ctl stop -m immediate`: connections break, recovery at the next start.
    void stop(int signal = SIGQUIT) {
        if (server_ <= 0) return;
        go_on();  // who hangs does not hear that it is to stop
        ::kill(server_, signal);
        wait_for(server_);
        server_ = -1;
    }

    // Hangs, as a machine does that has lost its disk: connections stay open, nobody answers.
    void hang() { signal_all(SIGSTOP); }
    void go_on() { signal_all(SIGCONT); }

    // The URL of a new, empty database.
    std::string make_database() {
        const std::string name = "test_" + std::to_string(++databases_);
        const Connection connection = connect("postgres");
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(
            PQexec(connection.get(), ("CREATE DATABASE " + name).c_str()), PQclear);
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
            throw std::runtime_error("CREATE DATABASE: " + std::string(PQerrorMessage(connection.get())));
        return url(name);
    }
    std::string url(const std::string& database) const {
        return "postgresql://everycast@/" + database + "?host=" + directory_.string();
    }

  private:
    using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

    inline static const std::string binaries = "/usr/lib/postgresql/15/bin";

    std::string data() const { return (directory_ / "data").string(); }
    std::string log() const { return (directory_ / "log").string(); }

    // The server and the process of each connection.
    void signal_all(int signal) const {
        const std::string server = std::to_string(server_);
        std::ifstream children("/proc/" + server + "/task/" + server + "/children");
        if (signal == SIGSTOP) ::kill(server_, signal);
        for (pid_t child = 0; children >> child;) ::kill(child, signal);
        if (signal != SIGSTOP) ::kill(server_, signal);
    }

    // Nothing when the server does not answer.
    Connection connect(const std::string& database) const {
        Connection connection(PQconnectdb(url(database).c_str()), PQfinish);
        if (PQstatus(connection.get()) != CONNECTION_OK) connection.reset();
        return connection;
    }

    // The signal on the parent's death keeps a crashed test from leaving a server behind.
    pid_t spawn(std::vector<std::string> command) const {
        if (::geteuid() == 0) {
            const std::vector<std::string> as_postgres{
                "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=QUIT", "--"};
            command.insert(command.begin(), as_postgres.begin(), as_postgres.end());
        }
        std::vector<char*> arguments;
        for (std::string& part : command) arguments.push_back(part.data());
        arguments.push_back(nullptr);
        const std::string log_file = log();
        const std::string home = directory_.string();
        const pid_t child = ::fork();
        if (child != 0) return child;
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
        const int out = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        if (::chdir(home.c_str()) == 0) ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    static int wait_for(pid_t child) {
        int status = -1;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        return status;
    }

    std::filesystem::path directory_;
    pid_t server_ = -1;
    int databases_ = 0;
};

}  // namespace support
