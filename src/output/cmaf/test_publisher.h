// An encoder as the hub sees it, on a clock that a test moves.
#pragma once

#include "hub/registry.h"
#include "output/cmaf/test_loop.h"
#include "output/cmaf/test_show.h"

namespace output::cmaf::test {

struct Encoding {
    int fps = 30;
    // In pictures; 0: none.
    int gop = 60;
    bool audio = true;
    std::size_t picture_size = 1'000;
    std::string video_config = "h264";
};

class Publisher {
  public:
    Publisher(hub::Registry& registry, std::string id, base::ManualClock& clock, TestLoop& loop,
              Encoding as = {})
        : encoding(std::move(as)), registry_(registry), clock_(clock), loop_(loop), id_(std::move(id)) {
        open();
    }

    void open() {
        stream = registry_.open(id_);
        stream->begin_publisher(clock_.now());
        announce();
    }
    // Again, as an encoder that returns does.
    void announce() {
        if (encoding.audio) publish(*config_frame("aac"));
        if (encoding.gop > 0) publish(*config_frame(encoding.video_config));
        number = 0;
    }
    void end() { registry_.close(stream); }
    // The stream's time goes on, nothing comes.
    void pause(std::chrono::milliseconds time) {
        media_ += time;
        step(time);
    }

    // In real time.
    void run(std::chrono::milliseconds time) {
        const Timestamp end = media_ + time;
        const Timestamp picture(1'000'000 / encoding.fps);
        while (media_ < end) {
            if (encoding.audio)
                for (; sound_ <= media_; sound_ += Timestamp(21'333)) send(Kind::audio, true, sound_, 9);
            if (encoding.gop > 0)
                send(Kind::video, number++ % encoding.gop == 0, media_, encoding.picture_size);
            media_ += picture;
            step(picture);
        }
    }
    Timestamp media() const { return media_; }

    Encoding encoding;
    std::shared_ptr<hub::Stream> stream;
    int number = 0;

  private:
    void step(Timestamp by) {
        clock_.advance(by);
        loop_.run_posted();
        if (sound_ < media_ - 1s) sound_ = media_;
    }
    void send(Kind kind, bool keyframe, Timestamp at, std::size_t size) {
        media::Frame frame =
            *coded_frame(kind, kind == Kind::video ? Codec::h264 : Codec::aac, keyframe, 0us, size);
        frame.dts = at;
        publish(std::move(frame));
    }
    void publish(media::Frame frame) {
        if (frame.role == Role::config) frame.dts = media_;
        const media::FramePtr one = std::make_shared<const media::Frame>(std::move(frame));
        stream->publish(std::span(&one, 1), clock_.now());
        loop_.run_posted();
    }

    hub::Registry& registry_;
    base::ManualClock& clock_;
    TestLoop& loop_;
    std::string id_;
    Timestamp media_{0};
    Timestamp sound_{0};
};

}  // namespace output::cmaf::test
