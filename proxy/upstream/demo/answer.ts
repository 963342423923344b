import { estimateText } from '../../translate/token-text.ts';
import { exampleValue } from './example-value.ts';
import type { DemoQuestion } from './question.ts';
import { type DemoToolCall, planToolCall } from './tool-call.ts';

/** A simulated answer, whole, before it is told word by word. */
export interface DemoAnswer {
  /** '' where the model doesn't think. */
  reasoning: string;
  text: string;
  toolCalls: DemoToolCall[];
  /** 'length' where the client's limit cut the text. */
  finish: 'stop' | 'length' | 'tool_calls';
  reasoningTokens: number;
  outputTokens: number;
}

/**
 * Makes an answer that is plainly a simulation: it says so, echoes what was asked, and calls a tool where that is asked.
 * @param server what is simulated: cloud.ru or Ollama
 */
export function makeAnswer(question: DemoQuestion, server: string): DemoAnswer {
  const call = planToolCall(question);
  const reasoning = question.thinking ? reasoningFor(question, call) : '';
  const whole = call ? '' : textFor(question, server);
  const text = firstWords(whole, question.limit);
  const reasoningTokens = Math.ceil(estimateText(reasoning));
  return {
    reasoning,
    text,
    toolCalls: call ? [call] : [],
    finish: call ? 'tool_calls' : text.length < whole.length ? 'length' : 'stop',
    reasoningTokens,
    outputTokens:
      reasoningTokens + Math.max(1, Math.ceil(estimateText(text) + (call ? estimateText(JSON.stringify(call)) : 0))),
  };
}

/** @returns the text in pieces that a stream would bring: a word each, with the blank before it */
export function wordsOfText(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

function firstWords(text: string, limit: number): string {
  const words = wordsOfText(text);
  return words.length > limit ? words.slice(0, limit).join('') : text;
}

function textFor(question: DemoQuestion, server: string): string {
  const { answerSchema, model, toolResult, userText } = question;
  if (answerSchema !== undefined) return JSON.stringify(exampleValue(answerSchema, () => undefined));
  const russian = /[а-яё]/i.test(userText);
  if (toolResult !== undefined) {
    const lines = toolResult === '' ? 0 : toolResult.split('\n').length;
    const start = quote(toolResult);
    return russian
      ? `[demo] Инструмент ответил, строк: ${lines}. Начало: ${start}. Это симуляция: модель не спрашивали.`
      : `[demo] The tool answered, lines: ${lines}. It begins: ${start}. This is a simulation: no model was asked.`;
  }
  return russian
    ? `[demo] Это симуляция ${server}, отвечает не модель ${model}, а демо Стрелки. Вы написали: ${quote(userText)}. Добавьте ключ cloud.ru, и ответит настоящая модель.`
    : `[demo] This is a simulation of ${server}: not the model ${model} answers but Strelka's demo. You wrote: ${quote(userText)}. Add a cloud.ru key, and a real model will answer.`;
}

function reasoningFor(question: DemoQuestion, call: DemoToolCall | undefined): string {
  if (call) return `[demo] Simulated thinking: the user asks for something that the tool ${call.name} does.`;
  return question.toolResult === undefined
    ? '[demo] Simulated thinking: I shall repeat what was asked.'
    : '[demo] Simulated thinking: the tool has answered, I shall sum it up.';
}

function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `"${line.length > 200 ? `${line.slice(0, 200)}…` : line}"`;
}
