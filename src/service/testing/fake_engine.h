// Stand-ins for ingest and output in the tests of the use-cases: they remember what they were asked, and
// report what the test says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ingest/ingests.h"
#include "output/outputs.h"

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

    bool was_ended(const std::string& stream_id) const {
        for (const End& one : ended)
            if (one.stream_id == stream_id) return true;
        return false;
    }

    std::map<std::string, ingest::IngestSnapshot> running;
    std::vector<End> ended;
};

}  // namespace service::testing
