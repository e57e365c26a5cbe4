#include "service/playback_rights.h"

#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/context.h"
#include "service/live_board.h"
#include "service/playback_sessions.h"
#include "service/replays.h"
#include "service/worker_pool.h"
#include "store/store.h"

namespace service {
namespace {

bool is_recording(const std::string& id) {
    return id.starts_with("as_");
}

base::Error cannot_ask() {
    return {base::ErrorCode::unavailable,
            "The server is busy or cannot reach its database: try again in a few seconds.", "unavailable"};
}

}  // namespace

class PlaybackRights::State : public std::enable_shared_from_this<PlaybackRights::State> {
  public:
    State(Context& context, Replays* replays, WorkerPool& workers, base::LimitHits& hits,
          PlaybackRightSettings settings)
        : context_(context), replays_(replays), workers_(workers), hits_(hits), settings_(settings) {}

    void ask(const std::string& user_id, const std::string& what, Answer answer) {
        const auto now = context_.clock.now();
        const auto revision = context_.board.rights_revision();
        std::string key = user_id + ' ' + what;
        base::Result<> verdict;
        bool at_once = true;
        bool renew = false;
        {
            const std::lock_guard lock(mutex_);
            const bool full = known_.size() >= settings_.max_known && !known_.contains(key);
            if (full) hits_.add("playback_rights");
            if (full || stopped_) {
                verdict = base::fail(cannot_ask());
            } else {
                Known& known = known_[key];
                known.last_asked = now;
                const bool current = known.decided && known.revision == revision;
                const auto age = now - known.at;
                renew = !known.asking && (!current || age > settings_.renewal);
                if (current && age <= settings_.believed) {
                    verdict = known.verdict;
                } else {
                    at_once = false;
                    known.waiting.push_back(std::move(answer));
                }
                if (renew) {
                    known.asking = true;
                    queue_.push_back({std::move(key), user_id, what});
                }
            }
            renew = renew && !std::exchange(draining_, true);
        }
        if (renew && !workers_.post([self = shared_from_this()] { self->drain(); })) {
            hits_.add("playback_rights_queue");
            give_up();
        }
        if (at_once) answer(std::move(verdict));
    }

    base::Result<> check(const std::string& user_id, const std::string& what) {
        Round round;
        return decide(user_id, what, round);
    }

    void sweep() {
        const auto now = context_.clock.now();
        const std::lock_guard lock(mutex_);
        std::erase_if(known_, [&](const auto& entry) {
            return !entry.second.asking && now - entry.second.last_asked > forgotten;
        });
    }

    std::size_t count() const {
        const std::lock_guard lock(mutex_);
        return known_.size();
    }

    void stop() {
        std::unordered_map<std::string, Known> dropped;
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        queue_.clear();
        dropped.swap(known_);
    }

  private:
    static constexpr std::chrono::seconds forgotten{10};

    struct Known {
        base::Result<> verdict;
        bool decided = false;
        bool asking = false;
        std::uint64_t revision = 0;
        base::MonotonicTime at{};
        base::MonotonicTime last_asked{};
        std::vector<Answer> waiting;
    };
    struct Question {
        std::string key;
        std::string user_id;
        std::string what;
    };
    // What was read for one batch of questions: many ask about the same show.
    struct Round {
        std::unordered_map<std::string, base::Result<store::Livestream>> livestreams;
        std::unordered_map<std::string, base::Result<store::User>> users;
        std::unordered_map<std::string, base::Result<ReplayAccess>> recordings;
    };

    void drain() {
        while (true) {
            std::vector<Question> batch;
            {
                const std::lock_guard lock(mutex_);
                batch.swap(queue_);
                if (batch.empty()) {
                    draining_ = false;
                    return;
                }
            }
            // Before reading: a change that comes in between makes the verdict old.
            const auto revision = context_.board.rights_revision();
            const auto at = context_.clock.now();
            Round round;
            for (const Question& question : batch)
                settle(question.key, decide(question.user_id, question.what, round), revision, at);
        }
    }

    void give_up() {
        std::vector<Question> batch;
        {
            const std::lock_guard lock(mutex_);
            batch.swap(queue_);
            draining_ = false;
        }
        for (const Question& question : batch)
            settle(question.key, base::fail(cannot_ask()), 0, base::MonotonicTime{});
    }

    void settle(const std::string& key, const base::Result<>& verdict, std::uint64_t revision,
                base::MonotonicTime at) {
        std::vector<Answer> waiting;
        {
            const std::lock_guard lock(mutex_);
            const auto found = known_.find(key);
            if (found == known_.end()) return;
            Known& known = found->second;
            waiting.swap(known.waiting);
            known.asking = false;
            // What could not be asked is not known: who believes an earlier answer may go on until it is old.
            if (verdict || verdict.error().code != base::ErrorCode::unavailable) {
                known.verdict = verdict;
                known.decided = true;
                known.revision = revision;
                known.at = at;
            }
            // Ids that are not there are not worth remembering: whoever guesses could fill the table.
            if (!verdict && verdict.error().code == base::ErrorCode::not_found) known_.erase(found);
        }
        for (const Answer& answer : waiting) answer(verdict);
    }

    template <class Record, class Read>
    static const base::Result<Record>& once(std::unordered_map<std::string, base::Result<Record>>& read,
                                            const std::string& id, Read from_store) {
        const auto found = read.find(id);
        return found != read.end() ? found->second : read.emplace(id, from_store()).first->second;
    }

    base::Result<> decide(const std::string& user_id, const std::string& what, Round& round) {
        std::string owner_id;
        std::int64_t gate = 0;  // 0: for the owner and admins
        if (is_recording(what)) {
            if (!replays_)
                return base::fail({base::ErrorCode::not_found, "There is nothing here.", "not_found"});
            const auto& access = once(round.recordings, what, [&] { return replays_->access(what); });
            if (!access) return base::fail(access.error());
            if (access->open) return {};
            owner_id = access->owner_id;
        } else {
            const auto& show = once(round.livestreams, what, [&] {
                return context_.store.livestreams().get(store::Scope::all(), what);
            });
            if (!show) return base::fail(show.error());
            const bool closed = show->visibility == store::Visibility::closed;
            if (!closed && show->token_gate_amount == 0) return {};
            owner_id = show->owner_id;
            if (!closed) gate = show->token_gate_amount;
        }
        if (user_id.empty()) return base::fail(playback_refused());
        const auto& user = once(round.users, user_id, [&] { return context_.store.users().get(user_id); });
        if (!user) {
            if (user.error().code == base::ErrorCode::not_found) return base::fail(playback_refused());
            return base::fail(user.error());
        }
        const bool holds_enough = gate > 0 && user->token_balance >= gate;
        const bool may =
            !user->disabled && (user->id == owner_id || user->role == store::Role::admin || holds_enough);
        if (!may) return base::fail(playback_refused());
        return {};
    }

    Context& context_;
    Replays* const replays_;
    WorkerPool& workers_;
    base::LimitHits& hits_;
    const PlaybackRightSettings settings_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;
    std::vector<Question> queue_;
    bool draining_ = false;
    bool stopped_ = false;
};

PlaybackRights::PlaybackRights(Context& context, Replays* replays, WorkerPool& workers, base::LimitHits& hits,
                               PlaybackRightSettings settings)
    : state_(std::make_shared<State>(context, replays, workers, hits, settings)) {}

PlaybackRights::~PlaybackRights() {
    stop();
}

void PlaybackRights::ask(const std::string& user_id, const std::string& what, Answer answer) {
    state_->ask(user_id, what, std::move(answer));
}

base::Result<> PlaybackRights::check(const std::string& user_id, const std::string& what) {
    return state_->check(user_id, what);
}

void PlaybackRights::sweep() {
    state_->sweep();
}

std::size_t PlaybackRights::count() const {
    return state_->count();
}

void PlaybackRights::stop() {
    state_->stop();
}

}  // namespace service
