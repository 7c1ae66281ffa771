import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// This command again in a process of its own, which a function that crashes or never returns may take down.
struct ProbeChild {
  enum End {
    case exited(Int32, output: [UInt8])
    case signalled(Int32)
    case timedOut
  }

  /// The flag that a child process knows itself by.
  static let flag = "--in-child"

  /// Has the work done by a child process, and prints what it answers.
  ///
  /// - Parameters:
  ///   - symbol: the function that it calls
  ///   - count: numbers that tell one call from another, and `words`: what they say
  /// - Throws: `ProbeError`, one sentence, where the function ended the process or did not return; the child's exit
  ///   status where that is not 0.
  static func watch(
    _ symbol: String, timeLimit: Double, count: Int, words: (([Double]) -> String)? = nil
  ) throws {
    let file = ProbeTrace.makeFile()
    defer { if file >= 0 { close(file) } }
    let trace = file >= 0 ? ProbeTrace(file: file, count: count) : nil
    let place = { trace.map { ", \($0.place(words))" } ?? "" }
    switch try run(trace: file, timeLimit: timeLimit) {
    case .signalled(let signal):
      throw ProbeError("\(symbol): the function ended its process by \(name(ofSignal: signal))\(place())")
    case .timedOut:
      throw ProbeError(
        "\(symbol): no answer within --time-limit \(figure(timeLimit)) s: the function is slow or never returns\(place())"
      )
    case .exited(let status, let output):
      if trace?.isLost == true {
        throw ProbeError("\(symbol): the function closed the streams that its process answers through")
      }
      guard trace?.isAnswered ?? (!output.isEmpty || status == 2) else {
        throw ProbeError("\(symbol): the function ended its process with status \(status)\(place())")
      }
      Terminal.write(String(decoding: output, as: UTF8.self))
      if status != 0 { throw ExitCode(status) }
    }
  }

  /// In the child process: answers, and ends it. What the library prints is not the answer, and it may print in every
  /// call.
  ///
  /// - Parameter body: the answer and the exit status.
  static func answer(_ trace: ProbeTrace?, _ body: () -> (text: String, status: Int32)) -> Never {
    let output = dup(STDOUT_FILENO)
    let nowhere = open("/dev/null", O_WRONLY)
    dup2(nowhere, STDOUT_FILENO)
    let (text, status) = body()
    // A function may close what is not its own.
    guard dup2(output, STDOUT_FILENO) >= 0, fcntl(STDERR_FILENO, F_GETFD) >= 0 else {
      trace?.lose()
      _exit(2)
    }
    trace?.answer()
    Terminal.write(text)
    // What the library wants to do at the end of a process is none of this one's business.
    _exit(status)
  }

  /// - Throws: `ProbeError` for seconds that are none.
  static func check(timeLimit: Double) throws {
    guard timeLimit > 0, timeLimit <= 1e6 else {
      throw ProbeError("--time-limit: found \(timeLimit), allowed above 0 to 1e6")
    }
  }

  /// Runs it with one argument more, its standard output kept.
  ///
  /// - Parameter trace: a file that it gets as `ProbeTrace.descriptor`
  private static func run(trace: Int32, timeLimit: Double) throws -> End {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw ProbeError("no pipe can be had: \(String(cString: strerror(errno)))") }
    defer { close(ends[0]) }
    let child: pid_t
    do {
      defer { close(ends[1]) }
      child = try spawn(output: ends[1], trace: trace)
    }
    return wait(for: child, reading: ends[0], timeLimit: timeLimit)
  }

  private static func spawn(output: Int32, trace: Int32) throws -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    if trace >= 0 { posix_spawn_file_actions_adddup2(&actions, trace, ProbeTrace.descriptor) }
    // After the subcommand's name: the user's last argument may stand behind a --.
    var arguments = (CommandLine.arguments.prefix(2) + [flag] + CommandLine.arguments.dropFirst(2)).map { strdup($0) }
    arguments.append(nil)
    var settings = ProcessInfo.processInfo.environment
    // What a crash comes to is this process's to say.
    settings["SWIFT_BACKTRACE"] = "enable=no"
    var environment = settings.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var child = pid_t()
    let status = posix_spawn(&child, executable, &actions, nil, &arguments, &environment)
    guard status == 0 else { throw ProbeError("no process can be started: \(String(cString: strerror(status)))") }
    return child
  }

  private static var executable: String {
    #if os(Linux)
      "/proc/self/exe"
    #else
      Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }

  private static func wait(for child: pid_t, reading pipe: Int32, timeLimit: Double) -> End {
    let clock = ContinuousClock()
    let limit = clock.now + .seconds(timeLimit)
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var (status, isOpen) = (Int32(0), true)
    while clock.now < limit {
      var request = pollfd(fd: isOpen ? pipe : -1, events: Int16(POLLIN), revents: 0)
      if poll(&request, 1, 20) > 0 {
        let count = read(pipe, &buffer, buffer.count)
        if count > 0 {
          output += buffer[0..<count]
          continue
        }
        isOpen = count < 0 && errno == EINTR
      }
      guard waitpid(child, &status, WNOHANG) == child else { continue }
      while isOpen {
        // What it wrote last is still in the pipe; a process of its own that keeps the pipe open is not waited for.
        var rest = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        guard poll(&rest, 1, 0) > 0 else { break }
        let count = read(pipe, &buffer, buffer.count)
        guard count > 0 else { break }
        output += buffer[0..<count]
      }
      let signal = status & 0x7F
      return signal == 0 ? .exited((status >> 8) & 0xFF, output: output) : .signalled(signal)
    }
    kill(child, SIGKILL)
    waitpid(child, &status, 0)
    return .timedOut
  }

  static func name(ofSignal signal: Int32) -> String {
    switch signal {
    case SIGSEGV: "SIGSEGV"
    case SIGBUS: "SIGBUS"
    case SIGFPE: "SIGFPE"
    case SIGILL: "SIGILL"
    case SIGABRT: "SIGABRT"
    case SIGTRAP: "SIGTRAP"
    case SIGKILL: "SIGKILL"
    case SIGTERM: "SIGTERM"
    case SIGSYS: "SIGSYS"
    default: "signal \(signal)"
    }
  }
}
