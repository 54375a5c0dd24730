"""Training: from a recipe to a checkpoint with its measured card.

recipes      what a run needs besides a machine, as data
data         pools of inputs, the batch of a step, inputs that go on from step to step
losses       what is asked of an answer, and after which loops
optimisers   the learning rate, AdamW and Muon
device       half precision and compiled code, where there are any
state, log   what a resumed run has in common with the saved one; the log as a CSV file
run          the loop itself and the folder that holds its whole state
cards        the export of a checkpoint and its model card
"""
