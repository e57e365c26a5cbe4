#include "store/sqlite_connection.h"

#include <fcntl.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <thread>

#include "store/sql_error.h"

namespace store {

namespace {

namespace api = sqlite_api;

constexpr std::size_t backups_kept = 3;
// A checkpoint keeps writers out while it waits for readers: not for long.
constexpr int checkpoint_patience_ms = 100;
constexpr std::chrono::milliseconds opening_patience{2'000};
constexpr std::chrono::milliseconds opening_poll{10};
constexpr std::string_view backup_mark = ".before-";
constexpr std::string_view backup_end = ".bak";

// SOCI reads "name=value" pairs out of its connect string as soon as there is an equals sign in it.
std::string connect_string(const std::filesystem::path& file) {
    const std::string path = std::filesystem::absolute(file).string();
    if (path.find('"') != std::string::npos)
        throw Failure{{base::ErrorCode::invalid_argument,
                       "The path of the database, " + path + ", must not hold a quotation mark."}};
    return path.find('=') == std::string::npos ? path : "dbname=\"" + path + "\"";
}

class SqliteConnection final : public Connection {
  public:
    explicit SqliteConnection(std::filesystem::path file)
        : file_(std::filesystem::absolute(file)), session_(soci::sqlite3, connect_string(file)) {
        handle_ = static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_;
        api::sqlite3_busy_timeout(handle_, static_cast<int>(opening_patience.count()));
        enter_wal_mode();
        execute("PRAGMA synchronous = NORMAL");
        execute("PRAGMA foreign_keys = ON");
        execute("PRAGMA trusted_schema = OFF");
        execute(("PRAGMA journal_size_limit = " + std::to_string(wal_checkpoint_bytes)).c_str());
        execute("PRAGMA secure_delete = ON");  // what was deleted is overwritten, not only forgotten
        int page_size = 0;
        session_.once << "PRAGMA page_size", soci::into(page_size);
        page_size_ = page_size;
        api::sqlite3_wal_hook(handle_, &SqliteConnection::on_commit, this);
    }

    soci::session& session() override { return session_; }

    void begin(Access access, std::chrono::milliseconds patience) override {
        api::sqlite3_busy_timeout(handle_, static_cast<int>(std::max<std::int64_t>(patience.count(), 1)));
        if (access == Access::read) return execute("BEGIN");
        keep_wal_bounded();
        // At once, so that the wait is here and no statement later finds that it read what has changed since.
        execute("BEGIN IMMEDIATE");
    }
    void commit() override { execute("COMMIT"); }
    void rollback() override {
        if (api::sqlite3_get_autocommit(handle_) == 0) execute("ROLLBACK");
    }
    std::string_view for_update() const override { return ""; }

    std::string kind() override { return std::string("SQLite ") + api::sqlite3_libversion(); }

    // A file of its own: a lock on the database would be dropped when SQLite closes any handle on it.
    bool try_lock_migrations() override {
        const std::string name = file_.string() + ".lock";
        lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (lock_ < 0)
            throw Failure{{base::ErrorCode::unavailable,
                           "The lock file " + name + " cannot be made: " + std::strerror(errno) + "."}};
        if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return true;
        unlock_migrations();
        return false;
    }
    void unlock_migrations() override {
        if (lock_ >= 0) ::close(lock_);
        lock_ = -1;
    }

    std::string back_up(int version) override;

    ~SqliteConnection() override { unlock_migrations(); }

  private:
    // Runs after each commit of this connection, with the log's size in pages.
    static int on_commit(void* self, api::sqlite3*, const char*, int pages) {
        auto& connection = *static_cast<SqliteConnection*>(self);
        connection.wal_bytes_ = pages * connection.page_size_;
        if (connection.wal_bytes_ < wal_checkpoint_bytes) return SQLITE_OK;
        // PASSIVE waits for nobody. When readers always overlap it never gets to the log's start, so past the
        // second bound RESTART waits for them, as long as a busy database may take.
        const int mode = connection.wal_bytes_ < wal_restart_bytes ? SQLITE_CHECKPOINT_PASSIVE
                                                                   : SQLITE_CHECKPOINT_TRUNCATE;
        api::sqlite3_busy_timeout(connection.handle_, checkpoint_patience_ms);
        api::sqlite3_wal_checkpoint_v2(connection.handle_, nullptr, mode, nullptr, nullptr);
        return SQLITE_OK;  // the commit is done, whatever became of the log
    }

    // The file is looked at, because other connections write to it as well.
    void keep_wal_bounded() {
        std::error_code error;
        const auto size = std::filesystem::file_size(wal_of(file_), error);
        if (error || static_cast<std::int64_t>(size) < max_wal_bytes) return;
        const int result =
            api::sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        if (result == SQLITE_OK) return;
        throw Failure{
            {base::ErrorCode::unavailable,
             "The database's write-ahead log has reached its bound of 64 MiB, because another program keeps "
             "a read of " +
                 file_.string() + " open. Nothing was changed; end that program.",
             "database_busy",
             {{"retryAfter", "5"}}}};
    }

    // Another server may be switching the same new file over at this moment, and SQLite does not wait for
    // that by itself, whatever its busy timeout.
    void enter_wal_mode() {
        const auto deadline = std::chrono::steady_clock::now() + opening_patience;
        while (true) {
            try {
                return execute("PRAGMA journal_mode = WAL");
            } catch (const soci::sqlite3_soci_error& locked) {
                constexpr int primary_code = 0xff;
                const bool busy = (locked.result() & primary_code) == SQLITE_BUSY;
                if (!busy || std::chrono::steady_clock::now() >= deadline) throw;
            }
            std::this_thread::sleep_for(opening_poll);
        }
    }

    void execute(const char* sql) {
        char* words = nullptr;
        const int result = api::sqlite3_exec(handle_, sql, nullptr, nullptr, &words);
        if (result == SQLITE_OK) return;
        const std::string text = words ? words : "no reason given";
        api::sqlite3_free(words);
        throw soci::sqlite3_soci_error(text, result);
    }

    std::filesystem::path file_;
    soci::session session_;
    api::sqlite3* handle_ = nullptr;
    std::int64_t page_size_ = 4096;
    std::int64_t wal_bytes_ = 0;
    int lock_ = -1;
};

void make_durable(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool good = fd >= 0 && ::fsync(fd) == 0;
    const int error = errno;
    if (fd >= 0) ::close(fd);
    if (!good)
        throw Failure{{base::ErrorCode::unavailable, "The backup " + path.string() +
                                                         " cannot be written: " + std::strerror(error) +
                                                         ". The database was not touched."}};
}

// The empty file is made first, because SQLite gives its own the process's umask.
bool make_private(const std::filesystem::path& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const bool good = ::fchmod(fd, 0600) == 0;
    ::close(fd);
    return good;
}

std::string SqliteConnection::back_up(int version) {
    const std::filesystem::path backup =
        file_.string() + std::string(backup_mark) + std::to_string(version) + std::string(backup_end);
    const std::filesystem::path fresh = backup.string() + ".tmp";
    std::filesystem::remove(fresh);
    if (!make_private(fresh))
        throw Failure{{base::ErrorCode::unavailable, "The backup " + fresh.string() +
                                                         " cannot be made: " + std::strerror(errno) +
                                                         ". The database was not touched."}};
    std::string target = fresh.string();
    session_.once << "VACUUM INTO :target", soci::use(target, "target");
    make_durable(fresh);
    std::filesystem::rename(fresh, backup);
    make_durable(backup.parent_path());

    const auto all = backups_of(file_);
    for (std::size_t i = backups_kept; i < all.size(); ++i) std::filesystem::remove(all[i]);
    return backup.string();
}

std::string restore_hint(const std::filesystem::path& file) {
    const auto backups = backups_of(file);
    if (backups.empty())
        return "Put a backup of yours in its place, or save what is left with `sqlite3 " + file.string() +
               " .recover`.";
    return "Move it away together with " + file.string() +
           "-wal and -shm, and put the backup in its place: `cp " + backups.front().string() + " " +
           file.string() + "`.";
}

}  // namespace

std::filesystem::path wal_of(const std::filesystem::path& file) {
    return file.string() + "-wal";
}

std::vector<std::filesystem::path> backups_of(const std::filesystem::path& file) {
    std::vector<std::pair<int, std::filesystem::path>> found;
    const std::string prefix = file.filename().string() + std::string(backup_mark);
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::absolute(file).parent_path(), error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix) || !name.ends_with(backup_end)) continue;
        int version = 0;
        const char* const end = name.data() + name.size() - backup_end.size();
        if (const auto read = std::from_chars(name.data() + prefix.size(), end, version); read.ptr == end)
            found.emplace_back(version, entry.path());
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::filesystem::path> paths;
    for (auto& [version, path] : found) paths.push_back(std::move(path));
    return paths;
}

base::Result<> prepare_sqlite_file(const std::filesystem::path& file) {
    const std::filesystem::path directory = std::filesystem::absolute(file).parent_path();
    std::error_code error;
    if (std::filesystem::create_directories(directory, error))
        std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
    if (!make_private(file))
        return base::fail(base::ErrorCode::unavailable, "The database " + file.string() +
                                                            " cannot be opened: " + std::strerror(errno) +
                                                            ". Check the directory's owner and free space.");
    const auto damaged = [&](const std::string& words) {
        return base::fail(
            {base::ErrorCode::unavailable,
             "The database " + file.string() + " is damaged (" + words + "). " + restore_hint(file),
             "database_damaged"});
    };
    try {
        SqliteConnection connection(file);
        std::string verdict;
        connection.session().once << "PRAGMA quick_check(1)", soci::into(verdict);
        if (verdict != "ok") return damaged(verdict);
        for (const char* ending : {"-wal", "-shm"}) {
            const std::string beside = file.string() + ending;
            if (std::filesystem::exists(beside)) make_private(beside);
        }
        return {};
    } catch (const Failure& failure) {
        return base::fail(failure.error);
    } catch (const std::exception& caught) {
        const SqlFault fault = classify(caught);
        if (fault.trouble == SqlTrouble::damaged) return damaged(fault.words);
        return base::fail(base::ErrorCode::unavailable,
                          "The database " + file.string() + " cannot be opened: " + fault.words + ".");
    }
}

ConnectionFactory sqlite_factory(std::filesystem::path file) {
    return [file = std::move(file)]() -> std::unique_ptr<Connection> {
        // SQLite would make an empty database in the place of one that was moved away.
        if (!std::filesystem::exists(file))
            throw Failure{{base::ErrorCode::unavailable, "The database file " + file.string() + " is gone.",
                           "database_unavailable"}};
        return std::make_unique<SqliteConnection>(file);
    };
}

}  // namespace store
