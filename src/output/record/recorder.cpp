#include "output/record/recorder.h"

#include "output/record/writer.h"

namespace output::record {
namespace {

base::Error to_error(const DiskFailure& failure) {
    return {
        failure.problem == DiskProblem::missing ? base::ErrorCode::not_found : base::ErrorCode::unavailable,
        "The disk of the recordings: " + failure.text + "."};
}

}  // namespace

class Recorder::Shared {
  public:
    Shared(const RecorderSettings& settings, std::unique_ptr<Disk> disk, cmaf::Feeds& feeds,
           media::EventSink& events, const base::Clock& clock, base::Logger log)
        : settings_(settings),
          disk_(std::move(disk)),
          feeds_(feeds),
          events_(events),
          clock_(clock),
          log_(std::move(log)),
          budget_(settings.queue) {
        for (unsigned i = 0; i < std::max(settings.writers, 1u); ++i)
            writers_.push_back(std::make_unique<Writer>(budget_, clock_));
        stopper_ = std::thread([this] { let_go(); });
    }

    ~Shared() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        wake_.notify_all();
        stopper_.join();
    }

    void start(DesiredRecording desired) {
        if (!is_asset_id(desired.asset_id)) {
            log_.error("not the id of a recording", {{"asset", desired.asset_id}});
            return;
        }
        std::shared_ptr<Tape> tape;
        {
            const std::lock_guard lock(mutex_);
            if (ended_ || tapes_.contains(desired.asset_id)) return;
            tape = std::make_shared<Tape>(*this, desired.asset_id, *writers_[next_writer_]);
            next_writer_ = (next_writer_ + 1) % writers_.size();
            tapes_[desired.asset_id].tape = tape;
        }
        auto membership = feeds_.join(desired.stream_id, tape);
        const std::lock_guard lock(mutex_);
        const auto found = tapes_.find(desired.asset_id);
        if (found != tapes_.end() && found->second.tape == tape)
            found->second.membership = std::move(membership);
    }

    void stop(const std::string& asset_id) {
        {
            const std::lock_guard lock(mutex_);
            const auto found = tapes_.find(asset_id);
            if (found == tapes_.end() || found->second.until) return;
            found->second.until = clock_.now() + settings_.patience;
        }
        wake_.notify_all();
    }

    std::shared_ptr<Recording> find(const std::string& asset_id) const {
        const std::lock_guard lock(mutex_);
        const auto found = tapes_.find(asset_id);
        return found == tapes_.end() ? nullptr : found->second.tape->recording;
    }

    void stop_all(std::chrono::milliseconds deadline) {
        std::vector<Entry> entries;
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
            closing_ += tapes_.size();
            for (auto& [id, entry] : tapes_) entries.push_back(std::move(entry));
            tapes_.clear();
        }
        wake_.notify_all();
        // One whose stop was asked for is told of: there is no next start that would.
        for (Entry& entry : entries) close(entry, entry.until.has_value());
        {
            std::unique_lock lock(mutex_);
            if (!wake_.wait_for(lock, deadline, [&] { return closing_ == 0; }))
                log_.warn("recordings are not closed yet: the next start mends them",
                          {{"recordings", closing_}});
        }
        for (const auto& writer : writers_) writer->abandon();
    }

    Facts facts() const {
        Facts facts;
        {
            const std::lock_guard lock(mutex_);
            facts.recordings = tapes_.size();
        }
        facts.bytes_written = counters_.bytes_written;
        facts.queued_bytes = budget_.used();
        facts.parts_dropped = counters_.parts_dropped;
        facts.disk_errors = counters_.disk_errors;
        return facts;
    }

    Disk& disk() { return *disk_; }

  private:
    // What a feed is recorded on. Its feed's loop pushes; nothing waits.
    class Tape final : public cmaf::Sink {
      public:
        Tape(Shared& shared, const std::string& asset_id, Writer& to)
            : recording(
                  std::make_shared<Recording>(asset_id, shared.settings_.recording,
                                              RecordingUses{*shared.disk_, shared.events_, shared.clock_,
                                                            shared.log_, shared.counters_})),
              shared_(shared),
              writer_(to) {}

        void on_event(const cmaf::Event& event) override {
            const std::lock_guard lock(mutex_);
            if (closed_) return;
            if (const auto* ready = std::get_if<cmaf::PartReady>(&event)) return on_part(ready->part);
            if (std::get_if<cmaf::InitChanged>(&event)) {
                live_ = true;
                writer_.push(recording, Writer::InitChange{});
            } else if (const auto* left = std::get_if<cmaf::TrackLeftOut>(&event)) {
                writer_.push(recording, Writer::LeftOut{left->reason});
            }
        }
        void on_stream_end() override {
            const std::lock_guard lock(mutex_);
            live_ = false;
            // After close() the recorder may be gone.
            if (closed_) return;
            writer_.push(recording, Writer::StreamEnd{});
            shared_.wake_.notify_all();
        }

        // After this the feed's calls do nothing.
        void close(bool for_good, std::function<void()> done) {
            const std::lock_guard lock(mutex_);
            if (closed_) return;
            closed_ = true;
            writer_.push(recording, Writer::Stop{for_good, std::move(done)});
        }
        bool is_live() const { return live_; }

        const std::shared_ptr<Recording> recording;

      private:
        void on_part(const cmaf::PartPtr& part) {
            if (dropping_ && !part->independent) {
                ++shared_.counters_.parts_dropped;
                return;
            }
            if (!shared_.budget_.take(part->size)) {
                ++shared_.counters_.parts_dropped;
                if (dropping_) return;
                dropping_ = true;
                recording->on_overflow();
                return;
            }
            if (dropping_) writer_.push(recording, Writer::Gap{});
            dropping_ = false;
            writer_.push(recording, part);
        }

        Shared& shared_;
        Writer& writer_;
        std::mutex mutex_;
        bool closed_ = false;
        bool dropping_ = false;
        std::atomic<bool> live_{false};
    };
    struct Entry {
        std::shared_ptr<Tape> tape;
        std::unique_ptr<cmaf::Feeds::Membership> membership;
        // It was stopped: what is under way still comes, up to this.
        std::optional<base::MonotonicTime> until = {};
    };

    // It was counted in closing_ when it was taken out of tapes_.
    void close(Entry& entry, bool for_good) {
        entry.membership.reset();
        entry.tape->close(for_good, [this] {
            const std::lock_guard lock(mutex_);
            --closing_;
            wake_.notify_all();
        });
    }

    // Ends what was stopped, once its stream has ended or its time is over.
    void let_go() {
        std::unique_lock lock(mutex_);
        while (!ended_) {
            auto next = base::MonotonicTime::max();
            std::vector<Entry> over;
            for (auto at = tapes_.begin(); at != tapes_.end();) {
                Entry& entry = at->second;
                if (entry.until && (!entry.tape->is_live() || *entry.until <= clock_.now())) {
                    over.push_back(std::move(entry));
                    ++closing_;
                    at = tapes_.erase(at);
                    continue;
                }
                if (entry.until) next = std::min(next, *entry.until);
                ++at;
            }
            if (!over.empty()) {
                lock.unlock();
                for (Entry& entry : over) close(entry, true);
                over.clear();
                lock.lock();
                continue;
            }
            // Looked at again when a stream ends; a wake that was missed costs this much.
            const auto most = std::chrono::milliseconds(50);
            if (next == base::MonotonicTime::max())
                wake_.wait(lock);
            else
                wake_.wait_for(lock, most);
        }
    }

    const RecorderSettings settings_;
    const std::unique_ptr<Disk> disk_;
    cmaf::Feeds& feeds_;
    media::EventSink& events_;
    const base::Clock& clock_;
    const base::Logger log_;
    RecordingCounters counters_;
    QueueBudget budget_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool ended_ = false;                  // guarded
    std::size_t closing_ = 0;             // guarded; their writers are not done with them
    std::map<std::string, Entry> tapes_;  // guarded
    std::size_t next_writer_ = 0;         // guarded
    // Before the threads that use them.
    std::vector<std::unique_ptr<Writer>> writers_;
    std::thread stopper_;
};

Recorder::Recorder(const RecorderSettings& settings, std::unique_ptr<Disk> disk, cmaf::Feeds& feeds,
                   media::EventSink& events, const base::Clock& clock, base::Logger log)
    : shared_(std::make_unique<Shared>(settings, std::move(disk), feeds, events, clock, std::move(log))) {}

Recorder::~Recorder() {
    shared_->stop_all(std::chrono::milliseconds(0));
}

void Recorder::start(DesiredRecording desired) {
    shared_->start(std::move(desired));
}

void Recorder::stop(const std::string& asset_id) {
    shared_->stop(asset_id);
}

std::vector<media::RecordingFile> Recorder::files(const std::string& asset_id) const {
    if (const auto recording = shared_->find(asset_id)) return recording->files();
    return files_on(shared_->disk(), asset_id);
}

base::Result<std::vector<media::RecordingFile>> Recorder::recover(const std::string& asset_id) {
    auto mended = mend_asset(shared_->disk(), asset_id, {});
    if (!mended) return base::fail(to_error(mended.error()));
    if (mended->empty())
        return base::fail(base::ErrorCode::not_found, "Nothing of this recording can be played.");
    return std::move(*mended);
}

base::Result<> Recorder::remove(const std::string& asset_id) {
    if (shared_->find(asset_id))
        return base::fail(base::ErrorCode::conflict, "It is being recorded: stop it first.");
    Disk& disk = shared_->disk();
    const auto numbers = disk.list(asset_id);
    if (!numbers) return base::fail(to_error(numbers.error()));
    for (const std::uint32_t number : *numbers)
        if (auto gone = disk.remove(asset_id, number); !gone) return base::fail(to_error(gone.error()));
    if (auto gone = disk.remove_folder(asset_id); !gone) return base::fail(to_error(gone.error()));
    return {};
}

base::Result<Recordings::Space> Recorder::space() const {
    const auto space = shared_->disk().space();
    if (!space) return base::fail(to_error(space.error()));
    return *space;
}

Recorder::Facts Recorder::facts() const {
    return shared_->facts();
}

void Recorder::stop_all(std::chrono::milliseconds deadline) {
    shared_->stop_all(deadline);
}

}  // namespace output::record
