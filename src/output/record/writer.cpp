#include <pthread.h>

#include <functional>

#include "output/record/writer.h"

namespace output::record {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

Writer::Writer(QueueBudget& budget, const base::Clock& clock) : budget_(budget), clock_(clock) {
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "recorder");
}

Writer::~Writer() {
    abandon();
    thread_.join();
}

void Writer::abandon() {
    {
        const std::lock_guard lock(mutex_);
        abandoned_ = true;
    }
    wake_.notify_one();
}

void Writer::push(std::shared_ptr<Recording> recording, What what) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back({std::move(recording), std::move(what)});
    }
    wake_.notify_one();
}

void Writer::run() {
    base::MonotonicTime next = base::MonotonicTime::max();
    for (;;) {
        std::optional<Job> job;
        {
            std::unique_lock lock(mutex_);
            const auto is_something = [&] { return abandoned_ || !jobs_.empty(); };
            const auto now = clock_.now();
            if (next == base::MonotonicTime::max())
                wake_.wait(lock, is_something);
            else if (next > now)
                wake_.wait_for(lock, next - now, is_something);
            if (abandoned_) return;
            if (!jobs_.empty()) {
                job = std::move(jobs_.front());
                jobs_.pop_front();
            }
        }
        if (job) handle(*job);
        next = base::MonotonicTime::max();
        for (const auto& recording : open_) {
            next = std::min(next, recording->tick());
            if (abandoned_) return;
        }
    }
}

void Writer::handle(Job& job) {
    Recording& recording = *job.recording;
    std::visit(Overloaded{
                   [&](const InitChange&) { recording.on_init(); },
                   [&](const cmaf::PartPtr& part) {
                       open_.insert(job.recording);
                       recording.on_part(*part);
                       budget_.give_back(part->size);
                   },
                   [&](const Gap&) { recording.on_gap(); },
                   [&](LeftOut& left) { recording.on_left_out(std::move(left.reason)); },
                   [&](const StreamEnd&) { recording.on_stream_end(); },
                   [&](const Stop& stop) {
                       recording.stop(stop.for_good);
                       open_.erase(job.recording);
                       if (stop.done) stop.done();
                   },
               },
               job.what);
}

}  // namespace output::record
