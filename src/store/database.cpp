#include "store/database.h"

#include <algorithm>

#include "store/sql_error.h"

namespace store {

namespace {

constexpr int max_tries = 4;

base::Error unsure_of_commit() {
    return {base::ErrorCode::unavailable,
            "The connection to the database was lost while saving. Look whether the change is there before "
            "you try "
            "again.",
            "database_unavailable",
            {{"retryAfter", "5"}}};
}

}  // namespace

Database::Database(std::unique_ptr<ConnectionPool> pool, std::shared_ptr<const base::Clock> clock,
                   base::Logger log)
    : pool_(std::move(pool)), clock_(std::move(clock)), log_(std::move(log)) {}

std::optional<base::Error> Database::perform(Access access, const std::function<bool(Connection&)>& work) {
    // Real time: a test that holds the clock still does not hold a lock's owner still.
    std::atomic<bool>& in_vain = waited_in_vain_[access == Access::write ? 1 : 0];
    const base::MonotonicTime begin = std::chrono::steady_clock::now();
    const base::MonotonicTime deadline = begin + (in_vain ? impatience : patience);
    auto error = try_until(deadline, access, work);
    const bool unavailable = error && error->code == base::ErrorCode::unavailable;
    if (!unavailable)
        in_vain = false;
    else if (std::chrono::steady_clock::now() >= begin + patience / 2)
        in_vain = true;
    return error;
}

std::optional<base::Error> Database::try_until(base::MonotonicTime deadline, Access access,
                                               const std::function<bool(Connection&)>& work) {
    for (int tries = 1;; ++tries) {
        try {
            auto lease = pool_->lease(deadline);
            bool committing = false;
            const auto give_up = [&] {
                try {
                    lease->rollback();
                } catch (const std::exception&) {
                    lease.drop();  // a connection in an unknown state serves nobody
                }
            };
            try {
                const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                    deadline - std::chrono::steady_clock::now());
                lease->begin(access, left);
                if (!work(*lease)) {
                    give_up();
                    return std::nullopt;
                }
                committing = true;
                lease->commit();
                return std::nullopt;
            } catch (const Failure& failure) {
                give_up();
                return failure.error;
            } catch (const std::exception& caught) {
                const SqlFault fault = classify(caught);
                if (fault.trouble == SqlTrouble::lost) {
                    lease.drop();
                    pool_->drop_idle();
                    if (committing && access == Access::write) return unsure_of_commit();
                } else {
                    give_up();
                }
                const bool again = fault.trouble == SqlTrouble::lost || fault.trouble == SqlTrouble::collided;
                if (again && tries < max_tries && std::chrono::steady_clock::now() < deadline) continue;
                if (fault.trouble == SqlTrouble::other || fault.trouble == SqlTrouble::damaged ||
                    fault.trouble == SqlTrouble::disk)
                    log_.error("database error", {{"reason", fault.words}});
                return to_error(fault);
            }
        } catch (const Failure& failure) {  // no connection to be had
            return failure.error;
        } catch (const std::exception& caught) {
            const SqlFault fault = classify(caught);
            log_.error("database connection failed", {{"reason", fault.words}});
            return to_error(fault);
        }
    }
}

}  // namespace store
