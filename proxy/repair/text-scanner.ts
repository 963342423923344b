const newline = 10;
const tab = 9;
const space = 32;
const carriageReturn = 13;
const doubleQuote = 34;
const singleQuote = 39;
const closeParenthesis = 41;
const asterisk = 42;
const plus = 43;
const hyphen = 45;
const period = 46;
const zero = 48;
const nine = 57;
const lessThan = 60;
const greaterThan = 62;
const backslash = 92;
const backtick = 96;
const tilde = 126;
const openGuillemet = 0xab;
const closeGuillemet = 0xbb;
const openCurly = 0x201c;
const closeCurly = 0x201d;
const lowCurly = 0x201e;

type LinePlace = 'start' | 'marker' | 'number' | 'inside';

/**
 * Follows Markdown through a text that comes in pieces, as far as it takes to know whether a tag is quoted: fenced and
 * indented code, inline code, `>` quotes and quotation marks (failures.md 2, safe condition 4). It never looks ahead, so
 * that the same text gives the same answer however it was cut.
 */
export class TextScanner {
  #place: LinePlace = 'start';
  #indent = 0;
  #afterBlank = true;
  #codeBefore = false;
  #codeLine = false;
  #quoteLine = false;
  #openQuotes = 0;
  #inDoubleQuotes = false;
  #previous = newline;
  #beforePrevious = newline;

  /** The run of backticks or tildes that is being read. */
  #run = 0;
  #runMark = 0;
  #runStartsLine = false;

  /** Length of the open fence's run; 0 outside. */
  #fence = 0;
  #fenceMark = 0;
  /** A fence that began in the middle of a line: models write "Example: ```" too. */
  #fenceIsLoose = false;
  #fenceInfo = false;
  #fenceClosing = false;

  /** Length of the open inline span's run; 0 outside. */
  #span = 0;
  #spanIsOlder = false;
  #spanIsBlock = false;
  #spanIsBare = false;

  /**
   * Reads on to the next `<`, which is left unread.
   * @param text the piece
   * @param from where in it to start
   * @returns the place of the `<`, or -1 when the piece was read to its end
   */
  find(text: string, from: number): number {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === lessThan) {
        if (this.#run > 0) this.#endRun();
        return at;
      }
      this.#read(code);
    }
    return -1;
  }

  /** Reads `text` from `from` up to `to`, tags and all. */
  skip(text: string, from: number, to: number): void {
    for (let at = from; at < to; at += 1) this.#read(text.charCodeAt(at));
  }

  /** True where what comes next stands in code or in a quotation. To be asked after `find`. */
  get isQuoted(): boolean {
    // GLM glues its call to the run that closes a fence.
    if (
      (this.#fence > 0 && !this.#fenceClosing) ||
      this.#quoteLine ||
      this.#inDoubleQuotes ||
      this.#openQuotes > 0 ||
      this.#codeLine
    )
      return true;
    const startsLine = this.#place === 'start';
    if (startsLine && this.#startsCodeLine()) return true;
    // A backtick left open on an earlier line is a stray one, unless its content began on a line of its own.
    if (this.#span > 0) return !(this.#spanIsOlder && startsLine && !this.#spanIsBlock);
    return this.#previous === singleQuote && mayPrecedeQuotation(this.#beforePrevious);
  }

  #read(code: number): void {
    if (this.#run > 0 && code !== this.#runMark) this.#endRun();
    if (code === newline) this.#endLine();
    else if (code === space || code === tab || code === carriageReturn) this.#readSpace(code);
    else if (code === backtick || (code === tilde && (this.#run > 0 || this.#place === 'start'))) this.#readMark(code);
    else if (this.#place === 'inside') this.#readContent(code);
    else this.#readLineStart(code);
    this.#beforePrevious = this.#previous;
    this.#previous = code;
  }

  #readSpace(code: number): void {
    if (this.#place === 'start') this.#indent += code === tab ? 4 : 1;
    else if (this.#place === 'marker') this.#place = 'start';
    else if (this.#place === 'number') this.#enterLine();
  }

  #readMark(code: number): void {
    if (this.#run === 0) {
      this.#runMark = code;
      this.#runStartsLine = this.#place === 'start';
    }
    this.#run += 1;
  }

  /** Fences may stand after list markers, so that those leave the place at the line's start. */
  #readLineStart(code: number): void {
    if (this.#place === 'start' && code === greaterThan) this.#quoteLine = true;
    else if (this.#place === 'start' && (code === hyphen || code === asterisk || code === plus)) this.#place = 'marker';
    else if (this.#place !== 'marker' && code >= zero && code <= nine) this.#place = 'number';
    else if (this.#place === 'number' && (code === period || code === closeParenthesis)) this.#place = 'marker';
    else {
      this.#enterLine();
      this.#readContent(code);
    }
  }

  #readContent(code: number): void {
    this.#fenceClosing = false;
    this.#spanIsBare = false;
    if (code === doubleQuote) {
      // \" stands inside a quotation, 27" is none.
      if (this.#previous === backslash) return;
      if (this.#inDoubleQuotes) this.#inDoubleQuotes = false;
      else this.#inDoubleQuotes = mayPrecedeQuotation(this.#previous);
    } else if (code >= openGuillemet) {
      if (code === openGuillemet || code === lowCurly) this.#openQuotes += 1;
      // German closes with the mark that English opens with.
      else if (code === openCurly) this.#openQuotes += this.#openQuotes > 0 ? -1 : 1;
      else if ((code === closeGuillemet || code === closeCurly) && this.#openQuotes > 0) this.#openQuotes -= 1;
    }
  }

  #enterLine(): void {
    if (this.#place === 'start') this.#codeLine = this.#startsCodeLine();
    this.#place = 'inside';
    this.#spanIsBare = false;
  }

  #startsCodeLine(): boolean {
    return this.#indent >= 4 && (this.#afterBlank || this.#codeBefore);
  }

  #endRun(): void {
    const length = this.#run;
    this.#run = 0;
    if (this.#fence > 0 && !(this.#fenceInfo && this.#runMark === backtick && this.#fenceMark === backtick)) {
      if (this.#fenceIsLoose) {
        if (this.#runMark === backtick && length >= 3) this.#fence = 0;
      } else if (this.#runMark === this.#fenceMark && length >= this.#fence && this.#runStartsLine)
        this.#fenceClosing = true;
      return;
    }
    if (this.#fence > 0) {
      // A backtick in the info string: this was inline code at the start of a line.
      this.#span = this.#fence;
      this.#fence = 0;
      this.#fenceInfo = false;
    } else if (this.#runStartsLine && length >= 3) {
      this.#fence = length;
      this.#fenceMark = this.#runMark;
      this.#fenceIsLoose = false;
      this.#fenceInfo = true;
      this.#span = 0;
      this.#place = 'inside';
      return;
    }
    this.#enterLine();
    if (this.#runMark !== backtick) return;
    if (this.#span === 0) {
      this.#span = length;
      this.#spanIsOlder = false;
      this.#spanIsBlock = false;
      this.#spanIsBare = true;
    } else if (this.#span === length) this.#span = 0;
  }

  #endLine(): void {
    const isBlank = this.#place === 'start';
    if (this.#fenceClosing) this.#fence = 0;
    this.#fenceClosing = false;
    this.#fenceInfo = false;
    if (this.#span >= 3) {
      this.#fence = this.#span;
      this.#fenceMark = backtick;
      this.#fenceIsLoose = true;
      this.#span = 0;
    } else if (this.#span > 0) {
      if (isBlank) this.#span = 0;
      if (this.#spanIsBare) this.#spanIsBlock = true;
      this.#spanIsOlder = true;
    }
    if (isBlank) this.#afterBlank = true;
    else {
      this.#afterBlank = false;
      this.#codeBefore = this.#codeLine;
    }
    this.#codeLine = false;
    this.#place = 'start';
    this.#indent = 0;
    this.#quoteLine = false;
    this.#inDoubleQuotes = false;
    this.#openQuotes = 0;
  }
}

/** A quotation opens behind a blank or a bracket, never behind a word or what ends a sentence. */
function mayPrecedeQuotation(code: number): boolean {
  return !isWordCode(code) && !'.!?;)]}%\'"…'.includes(String.fromCharCode(code));
}

function isWordCode(code: number): boolean {
  if (code >= 0xc0 && code < 0x2000) return true;
  return (code >= zero && code <= nine) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
