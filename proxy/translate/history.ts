import { type ContentBlock, isBlock, isObject, type ToolResultBlock, type ToolUseBlock } from '../anthropic/blocks.ts';
import type { MessagesRequest } from '../anthropic/request.ts';
import type { AssistantMessage, ChatContentPart, ChatMessage } from '../openai/chat-request.ts';
import { AssistantText } from './assistant-text.ts';
import { translateBlocks } from './content.ts';
import { type ContentScope, textPart } from './content-scope.ts';
import { JsonText } from './json-text.ts';
import { MessageList } from './message-list.ts';
import { asReminder, systemMessageText } from './system.ts';
import type { ToolIds } from './tool-ids.ts';
import type { ToolNames } from './tool-names.ts';
import { missingResult, orphanedParts, type TranslatedResult, translateResult } from './tool-results.ts';

interface Call {
  clientId: string;
  id: string;
  name: string;
  arguments: string;
  /** Index of the turn that made the call. */
  turn: number;
  result?: TranslatedResult;
}

type Turn =
  | { role: 'user'; parts: ChatContentPart[] }
  | { role: 'system'; text: string }
  | { role: 'assistant'; text: string; reasoning: string; calls: Call[] };

/**
 * Makes the conversation one that chat completions accept: each call is answered by a tool message right behind it,
 * each tool message answers a call, neighbours of one role are joined. Nothing that a person or a tool said is lost.
 * @returns the messages without the leading system message
 */
export function translateHistory(
  messages: MessagesRequest['messages'],
  scope: ContentScope,
  ids: ToolIds,
): ChatMessage[] {
  const turns: Turn[] = [];
  const open: Call[] = [];
  for (const { role, content } of messages) {
    const blocks: ContentBlock[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    if (role === 'assistant') {
      const turn = assistantTurn(blocks, turns.length, scope.names, ids);
      turns.push(turn);
      open.push(...turn.calls);
      // An assistant's message holds no results; one that stands there by mistake still answers its call.
      const strays = blocks.filter((block) => isBlock(block, 'tool_result'));
      if (strays.length > 0) turns.push({ role: 'user', parts: userParts(strays, open, scope) });
    } else if (role === 'system' || role === 'developer')
      turns.push({ role: 'system', text: systemMessageText(content) });
    else turns.push({ role: 'user', parts: userParts(blocks, open, scope) });
  }
  return writeTurns(turns, scope);
}

function assistantTurn(
  blocks: readonly ContentBlock[],
  turn: number,
  names: ToolNames,
  ids: ToolIds,
): Turn & { role: 'assistant' } {
  const text = new AssistantText();
  const calls: Call[] = [];
  const reasoning: string[] = [];
  for (const block of blocks) {
    if (isBlock(block, 'thinking')) reasoning.push(block.thinking);
    else if (isBlock(block, 'tool_use')) calls.push(call(block, turn, names, ids));
    if (!isBlock(block, 'tool_result')) text.add(block);
  }
  return { role: 'assistant', text: text.toString(), reasoning: reasoning.join('\n'), calls };
}

function call(block: ToolUseBlock, turn: number, names: ToolNames, ids: ToolIds): Call {
  const name = names.sent(block.name);
  return { clientId: block.id, id: ids.next(block.id, name), name, arguments: argumentsText(block.input), turn };
}

/** Arguments are the text of a JSON object; models and repairs of other tools have left other things in histories. */
function argumentsText(input: unknown): string {
  if (input instanceof JsonText) return input.text;
  if (isObject(input)) return JSON.stringify(input);
  if (input === undefined || input === null || input === '') return '{}';
  return JSON.stringify({ input });
}

/** A user's blocks in order. Results that answer an open call go to the call. */
function userParts(blocks: readonly ContentBlock[], open: Call[], scope: ContentScope): ChatContentPart[] {
  return blocks.flatMap((block) => {
    if (isBlock(block, 'tool_use'))
      return [textPart(`[The tool ${block.name} was called with ${argumentsText(block.input)}]`)];
    if (!isBlock(block, 'tool_result')) return translateBlocks([block], scope);
    const answered = takeCall(open, block);
    if (!answered) return orphanedParts(block, scope);
    answered.result = translateResult(block, answered.name, scope);
    return [];
  });
}

/** Ids repeat in histories of careless upstreams: the latest turn with that call is meant, and there the first one. */
function takeCall(open: Call[], block: ToolResultBlock): Call | undefined {
  const candidates = open.filter((candidate) => candidate.clientId === block.tool_use_id);
  const latest = candidates.at(-1)?.turn;
  const found = candidates.find((candidate) => candidate.turn === latest);
  if (found) open.splice(open.indexOf(found), 1);
  return found;
}

function writeTurns(turns: readonly Turn[], { profile }: ContentScope): ChatMessage[] {
  const list = new MessageList();
  for (const turn of turns) {
    if (turn.role === 'user') list.addUser(turn.parts);
    else if (turn.role === 'system') {
      if (turn.text === '') continue;
      if (profile.systemAnywhere) list.addSystem(turn.text);
      else list.addUser([textPart(asReminder(turn.text))]);
    } else {
      const answers = turn.calls.map((made) => ({ ...(made.result ?? missingResult), id: made.id }));
      list.addAssistant(assistantMessage(turn, profile.replayReasoning));
      for (const { id, text } of answers) list.addTool(id, text);
      list.addUser(answers.flatMap(({ lifted }) => lifted));
    }
  }
  return list.toMessages();
}

function assistantMessage(turn: Turn & { role: 'assistant' }, replayReasoning: boolean): AssistantMessage {
  const calls = turn.calls.map((made) => ({
    id: made.id,
    type: 'function' as const,
    function: { name: made.name, arguments: made.arguments },
  }));
  return {
    role: 'assistant',
    content: turn.text === '' ? null : turn.text,
    ...(replayReasoning && turn.reasoning !== '' && { reasoning_content: turn.reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}
