// Stand-ins for whoever has the bytes that players ask for: they remember the question and answer at once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "output/live_flv.h"
#include "output/live_hls.h"
#include "service/replays.h"

namespace service::testing {

class FakeHls final : public output::LiveHls {
  public:
    void ask(output::HlsQuestion question, Answer answer) override {
        asked.push_back(question);
        if (!answers) return answer(base::fail(base::ErrorCode::not_found, "It does not run."));
        media::Content content;
        content.body = std::make_shared<const std::string>("#EXTM3U");
        answer(std::move(content));
    }

    std::vector<output::HlsQuestion> asked;
    bool answers = true;
};

class FakeSource final : public base::ByteSource {
  public:
    void start(std::function<void()>) override {}
    Pull pull(base::MonotonicTime, base::GatherList&) override { return {}; }
};

class FakeFlv final : public output::LiveFlv {
  public:
    base::Result<std::shared_ptr<base::ByteSource>> open(const std::string& stream_id) override {
        opened.push_back(stream_id);
        if (!answers) return base::fail(base::ErrorCode::not_found, "It does not run.");
        return std::make_shared<FakeSource>();
    }

    std::vector<std::string> opened;
    bool answers = true;
};

class FakeReplays final : public Replays {
  public:
    void ask(ReplayQuestion question, Answer answer) override {
        asked.push_back(std::move(question));
        answer(media::Content{});
    }
    base::Result<ReplayAccess> access(const std::string& asset_id) override {
        const auto found = recordings.find(asset_id);
        if (found == recordings.end()) return base::fail(base::ErrorCode::not_found, "There is none.");
        return found->second;
    }

    std::map<std::string, ReplayAccess> recordings;
    std::vector<ReplayQuestion> asked;
};

}  // namespace service::testing
