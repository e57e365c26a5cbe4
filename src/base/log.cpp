#include "base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace base {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::trace:
            return spdlog::level::trace;
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

// JSON string escaping, which also keeps a hostile value from starting a line of its own in the text format.
void append_quoted(std::string& out, std::string_view text) {
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

bool plain(std::string_view text) {
    if (text.empty()) return false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f || c == '"' || c == '=' || c == '\\') return false;
    }
    return true;
}

void append_field(std::string& out, LogFormat format, const Field& field) {
    if (format == LogFormat::json) {
        out.push_back(',');
        append_quoted(out, field.key);
        out.push_back(':');
        if (field.quoted)
            append_quoted(out, field.value);
        else
            out += field.value;
        return;
    }
    out.push_back(' ');
    out += field.key;
    out.push_back('=');
    if (!field.quoted || plain(field.value))
        out += field.value;
    else
        append_quoted(out, field.value);
}

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit LineSink(std::function<void(std::string_view)> lines) : lines_(std::move(lines)) {}

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        lines_({message.payload.data(), message.payload.size()});
    }
    void flush_() override {}

    std::function<void(std::string_view)> lines_;
};

}  // namespace

struct Logger::Sink {
    LogFormat format;
    std::unique_ptr<spdlog::logger> logger;
};

Logger::Logger(const LogSettings& settings) : sink_(std::make_shared<Sink>()) {
    spdlog::sink_ptr target;
    if (settings.file.empty())
        target = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
        target = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file);
    sink_->format = settings.format;
    sink_->logger = std::make_unique<spdlog::logger>("everycast", std::move(target));
    sink_->logger->set_level(to_spdlog(settings.level));
    sink_->logger->flush_on(spdlog::level::info);
    sink_->logger->set_pattern(settings.format == LogFormat::json
                                   ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                   : "%Y-%m-%d %H:%M:%S.%e %-5l %v",
                               spdlog::pattern_time_type::utc);
}

Logger::Logger(std::function<void(std::string_view)> lines) : sink_(std::make_shared<Sink>()) {
    sink_->format = LogFormat::text;
    sink_->logger =
        std::make_unique<spdlog::logger>("everycast", std::make_shared<LineSink>(std::move(lines)));
    sink_->logger->set_level(spdlog::level::trace);
}

Logger Logger::with(std::initializer_list<Field> fields) const {
    Logger child = *this;
    if (sink_)
        for (const Field& field : fields) append_field(child.bound_, sink_->format, field);
    return child;
}

void Logger::write(LogLevel level, std::string_view message, std::initializer_list<Field> fields) const {
    if (!sink_ || !sink_->logger->should_log(to_spdlog(level))) return;
    std::string line;
    if (sink_->format == LogFormat::json) {
        line = R"("message":)";
        append_quoted(line, message);
    } else {
        line = message;
    }
    line += bound_;
    for (const Field& field : fields) append_field(line, sink_->format, field);
    sink_->logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void Logger::debug(std::string_view message, std::initializer_list<Field> fields) const {
    write(LogLevel::debug, message, fields);
}
void Logger::info(std::string_view message, std::initializer_list<Field> fields) const {
    write(LogLevel::info, message, fields);
}
void Logger::warn(std::string_view message, std::initializer_list<Field> fields) const {
    write(LogLevel::warn, message, fields);
}
void Logger::error(std::string_view message, std::initializer_list<Field> fields) const {
    write(LogLevel::error, message, fields);
}
void Logger::flush() const {
    if (sink_) sink_->logger->flush();
}

}  // namespace base
