// AnswerReader: one HTTP/1.1 answer after another on a connection that stays open, as far as a load tool must
// look: status, length of the body, and the body itself where somebody wants it (RFC 9112, sections 4 and 6).
// Sans-I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::size_t max_answer_head = 16 * 1024;

class AnswerReader {
  public:
    // An answer begins; `keep`: its body is wanted.
    void begin(bool keep);
    // Takes what was received; nothing of it belongs to another answer, since none was asked for. False: it
    // is no answer that can be followed.
    bool feed(std::string_view bytes);
    // So many bytes of the body are still to come. They may be dropped unseen where the body is not wanted.
    std::uint64_t body_left() const { return head_done_ ? body_left_ : 0; }
    bool keeps() const { return keep_; }
    void dropped(std::uint64_t bytes) { body_left_ -= bytes; }
    bool done() const { return head_done_ && body_left_ == 0; }

    int status() const { return status_; }
    // Of the body, as it was announced.
    std::uint64_t length() const { return length_; }
    bool gzipped() const { return gzipped_; }
    const std::string& body() const { return body_; }

  private:
    bool read_head(std::string_view head);
    bool take_body(std::string_view bytes);

    bool keep_ = false;
    std::string partial_head_;
    bool head_done_ = false;
    int status_ = 0;
    std::uint64_t length_ = 0;
    std::uint64_t body_left_ = 0;
    bool gzipped_ = false;
    std::string body_;
};

}  // namespace bench
