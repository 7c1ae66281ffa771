/// The last steps of a run in a ring of fixed size: the scalars of each, and two numbers of each entry.
final class FlightRecorder {
  /// What a step came to.
  struct Step: BitwiseCopyable {
    var number = 0
    var loss = Double.nan
    var learningRate = Double.nan
    var gradientNorm = 0.0
    var action = Action.proceed
  }

  /// Of a parameter the rms of its gradient and of itself; of a layer the rms and the greatest magnitude of what was
  /// seen. NaN for what was not seen in the step.
  struct Mark: BitwiseCopyable {
    var first = Float.nan
    var second = Float.nan
    var nonfiniteCount: Int32 = 0
  }

  let capacity: Int
  private var steps: Storage<Step>?
  private var marks: Storage<Mark>?
  private var entryCount = 0
  private var next = 0
  private(set) var count = 0

  init(steps: Int) { capacity = steps }

  /// Room for so many entries; what was recorded of fewer is lost.
  func prepare(entries: Int) throws(TrimtabError) {
    guard steps == nil || entries != entryCount else { return }
    let (size, overflow) = capacity.multipliedReportingOverflow(by: max(entries, 1))
    guard !overflow else { throw TrimtabError(.outOfMemory, "options.recorder_steps: found more than memory holds") }
    marks = try Storage(count: size, for: "flight recorder")
    steps = try Storage(count: capacity, for: "flight recorder")
    entryCount = entries
    next = 0
    count = 0
  }

  /// Takes a step; `mark` gives what was seen of each entry.
  func add(_ step: Step, _ mark: (Int) -> Mark) {
    guard let steps, let marks else { return }
    steps.pointer[next] = step
    for entry in 0..<entryCount { marks.pointer[next &* entryCount &+ entry] = mark(entry) }
    next = next &+ 1 == capacity ? 0 : next &+ 1
    count = min(count &+ 1, capacity)
  }

  /// The steps held, oldest first.
  func visitSteps(_ visit: (Step, UnsafePointer<Mark>, Int) -> Void) {
    guard let steps, let marks else { return }
    for place in 0..<count {
      let slot = (next &+ capacity &- count &+ place) % capacity
      visit(steps.pointer[slot], UnsafePointer(marks.pointer + slot &* entryCount), entryCount)
    }
  }
}
