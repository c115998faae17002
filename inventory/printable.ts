/** Control characters and those that turn the direction of text: they could steer or deceive a terminal. */
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text with each such character shown as `·`, so that columns stay; line ends and tabs are kept. */
export const printable = (text: string): string => text.replaceAll(control, '·')

/** Whether a name holds only what can be shown. */
export const isPrintable = (name: string): boolean => printable(name) === name && !/[\r\n\t]/.test(name)
