// The mutator of the targets that read chunk streams: the first byte is the target's own, the rest is taken
// apart into messages, a few of them are changed, and all are written again in valid chunks. Now and then the
// bytes themselves are changed, as libFuzzer would without it.
#pragma once

#include <string>

#include "fuzz/rtmp/wire.h"
#include "protocol/rtmp/amf0.h"

namespace fuzz {

class WireMutator {
  public:
    // `examples`: chunk streams whose messages and words are put into others.
    explicit WireMutator(const std::vector<base::Bytes>& examples);

    // As libFuzzer's LLVMFuzzerCustomMutator and LLVMFuzzerCustomCrossOver.
    std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) const;
    std::size_t cross(base::ByteView first, base::ByteView second, std::uint8_t* out, std::size_t max_size,
                      unsigned seed) const;

  private:
    void change(std::vector<WireMessage>& messages, Random& random) const;
    void change_header(WireMessage& message, Random& random) const;
    void change_body(WireMessage& message, Random& random) const;
    bool change_values(WireMessage& message, Random& random) const;
    protocol::rtmp::AmfValue changed(const protocol::rtmp::AmfValue& value, Random& random) const;
    protocol::rtmp::AmfValue some_value(Random& random) const;
    void learn(const protocol::rtmp::AmfValue& value);

    std::vector<WireMessage> phrases_;
    std::vector<std::string> words_;
};

}  // namespace fuzz
