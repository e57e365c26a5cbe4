// Stand-ins for ingest and output in the tests of the use-cases: they remember what they were asked, and
// report what the test says.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "ingest/ingests.h"
#include "output/outputs.h"
#include "output/recordings.h"

namespace service::testing {

class FakeOutputs final : public output::Outputs {
  public:
    void apply(output::DesiredBroadcast desired) override {
        ++applies;
        std::string id = desired.broadcast_id;
        broadcasts.insert_or_assign(std::move(id), std::move(desired));
    }
    void end(const std::string& broadcast_id) override {
        broadcasts.erase(broadcast_id);
        ended.push_back(broadcast_id);
    }
    void retry(const std::string&, const std::string& destination_id) override {
        retried.push_back(destination_id);
    }

    std::vector<media::OutputStatus> snapshot() const override { return statuses; }
    std::vector<media::OutputStatus> snapshot(const std::string& broadcast_id) const override {
        std::vector<media::OutputStatus> some;
        for (const auto& status : statuses)
            if (status.broadcast_id == broadcast_id) some.push_back(status);
        return some;
    }
    std::optional<media::OutputStatus> find(const std::string& broadcast_id,
                                            const std::string& destination_id) const override {
        for (const auto& status : statuses)
            if (status.broadcast_id == broadcast_id && status.destination_id == destination_id) return status;
        return std::nullopt;
    }
    output::TestReport test(const output::DesiredOutput& target) override {
        tested.push_back(target.url);
        return report;
    }

    // The destinations pushed to in the only broadcast there is.
    std::vector<std::string> pushed() const {
        std::vector<std::string> ids;
        for (const auto& [id, broadcast] : broadcasts)
            for (const auto& wanted : broadcast.outputs) ids.push_back(wanted.destination_id);
        return ids;
    }

    std::map<std::string, output::DesiredBroadcast> broadcasts;
    std::vector<std::string> ended;
    std::vector<std::string> retried;
    std::vector<std::string> tested;
    std::vector<media::OutputStatus> statuses;
    output::TestReport report;
    int applies = 0;
};

class FakeIngests final : public ingest::Ingests {
  public:
    struct End {
        std::string stream_id;
        std::string reason;
    };

    std::vector<ingest::IngestSnapshot> snapshot() const override {
        std::vector<ingest::IngestSnapshot> all;
        for (const auto& [id, one] : running) all.push_back(one);
        return all;
    }
    std::optional<ingest::IngestSnapshot> find(const std::string& stream_id) const override {
        const auto found = running.find(stream_id);
        if (found == running.end()) return std::nullopt;
        return found->second;
    }
    void end(const std::string& stream_id, const std::string& reason) override {
        running.erase(stream_id);
        ended.push_back({stream_id, reason});
    }

    void send_away(const std::string& stream_id, const std::string& reason) override {
        end(stream_id, reason);
    }

    bool was_ended(const std::string& stream_id) const {
        for (const End& one : ended)
            if (one.stream_id == stream_id) return true;
        return false;
    }

    std::map<std::string, ingest::IngestSnapshot> running;
    std::vector<End> ended;
};

class FakeRecordings final : public output::Recordings {
  public:
    void start(output::DesiredRecording desired) override {
        const std::lock_guard lock(mutex_);
        std::string id = desired.asset_id;
        started.insert_or_assign(std::move(id), std::move(desired.stream_id));
    }
    void stop(const std::string& asset_id) override {
        const std::lock_guard lock(mutex_);
        stopped.push_back(asset_id);
    }
    std::vector<media::RecordingFile> files(const std::string& asset_id) const override {
        const std::lock_guard lock(mutex_);
        const auto found = on_disk.find(asset_id);
        return found == on_disk.end() ? std::vector<media::RecordingFile>() : found->second;
    }
    base::Result<std::vector<media::RecordingFile>> recover(const std::string& asset_id) override {
        const std::lock_guard lock(mutex_);
        const auto found = on_disk.find(asset_id);
        if (found == on_disk.end()) return base::fail(base::ErrorCode::not_found, "nothing there");
        for (auto& file : found->second) file.complete = true;
        return found->second;
    }
    base::Result<> remove(const std::string& asset_id) override {
        const std::lock_guard lock(mutex_);
        if (remove_fails) return base::fail(base::ErrorCode::unavailable, "the disk does not answer");
        on_disk.erase(asset_id);
        removed.push_back(asset_id);
        if (space_per_removal > 0) disk.free += space_per_removal;
        return {};
    }
    base::Result<Space> space() const override {
        const std::lock_guard lock(mutex_);
        return disk;
    }

    // A file of ten seconds.
    void put(const std::string& asset_id, bool complete = false, std::uint32_t number = 1) {
        const std::lock_guard lock(mutex_);
        media::RecordingFile file;
        file.asset_id = asset_id;
        file.number = number;
        file.size = 5'000'000;
        file.init_size = 1'000;
        file.duration = std::chrono::seconds(10);
        file.width = 1280;
        file.height = 720;
        file.codecs = "avc1.64001f,mp4a.40.2";
        file.complete = complete;
        auto& files_of = on_disk[asset_id];
        std::erase_if(files_of, [&](const auto& old) { return old.number == number; });
        files_of.push_back(file);
    }
    bool was_stopped(const std::string& asset_id) const {
        const std::lock_guard lock(mutex_);
        return std::find(stopped.begin(), stopped.end(), asset_id) != stopped.end();
    }
    std::vector<std::string> were_removed() const {
        const std::lock_guard lock(mutex_);
        return removed;
    }

    std::map<std::string, std::string> started;  // to the stream
    std::vector<std::string> stopped;
    std::vector<std::string> removed;
    std::map<std::string, std::vector<media::RecordingFile>> on_disk;
    Space disk{.free = 500, .total = 1'000};
    std::uint64_t space_per_removal = 0;
    bool remove_fails = false;

  private:
    mutable std::mutex mutex_;  // upkeep has a thread of its own
};

}  // namespace service::testing
