// What an HTTP-FLV bridge answers while the stream is posted to it. Slices change nothing, memory is bounded,
// and neither what the bridge says nor our key gets into a text.
#include "fuzz/slices.h"
#include "output/rtmp/flv_post.h"

using namespace output::rtmp;

namespace {

constexpr std::string_view canary = "live_4711_s3cr3tk3y";

struct Outcome {
    std::string told;
    bool over = false;
};

Outcome run(base::ByteView input) {
    static const net::PushUrl url = net::parse_push_url("http://bridge.example/live").value();
    static const auto headers = std::make_shared<const hub::Headers>();
    FlvPost post(url, base::Secret(std::string(canary)), headers);
    Outcome outcome;
    const auto first = post.next_event();
    fuzz::require(first && std::holds_alternative<Accepted>(*first));
    fuzz::in_slices(input, [&](base::ByteView part) {
        const auto ok = post.consume(part, {});
        if (!ok) outcome.told = ok.error().message;
        if (const auto event = post.next_event()) {
            fuzz::require(std::holds_alternative<Refused>(*event));
            outcome.told = std::get<Refused>(*event).text;
        }
        outcome.over = !outcome.told.empty();
        return !outcome.over;
    });
    fuzz::require(outcome.told.size() < 100 && outcome.told.find(canary) == std::string::npos);
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    base::Bytes input(data, data + size);
    const Outcome sliced = run(input);
    input[0] = 0;
    const Outcome whole = run(input);
    // A long answer in one slice is refused for its length before its status is looked at.
    if (size <= 16 * 1024) fuzz::require(sliced.told == whole.told);
    return 0;
}
